"""Reads what others read: hogsend_metrics() by the parser that Prometheus's client has, the alerts as
Prometheus would, and the dashboard's queries as an analyst's. Runs beside a throw-away server.

    check.py DOC
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import promql_parser
import yaml
from prometheus_client.openmetrics.parser import text_string_to_metric_families

DOC = Path(sys.argv[1])
PSQL = os.path.join(os.environ["HOGSEND_BINDIR"], "psql")
PRESENT = "SET timezone = 'UTC'; SET hogsend.now = '2026-05-11 09:00:30+00'; SET client_min_messages = error;"
ODD = 'odd "\\ name\n<b>'


def sql(text, role=None):
    role = f"SET ROLE {role};" if role else ""
    done = subprocess.run(
        [PSQL, "-XAtq", "-v", "ON_ERROR_STOP=1"], input=f"{PRESENT} {role} {text};", capture_output=True, text=True
    )
    if done.returncode != 0:
        raise AssertionError(f"{text}\n{done.stderr}")
    return done.stdout


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def families():
    return {family.name: family for family in text_string_to_metric_families(sql("SELECT hogsend_metrics()", "watch_monitor"))}


def value(family, **labels):
    found = [s.value for s in family.samples if s.labels == labels]
    assert len(found) == 1, f"{family.name} {labels}: {found}"
    return found[0]


def metrics_are_open_metrics():
    found = families()
    kinds = {"hogsend": "info", "hogsend_transitions": "counter", "hogsend_lateness_seconds": "gaugehistogram"}
    for name, family in found.items():
        assert family.type == kinds.get(name, "counter" if name.endswith("failed") else "gauge"), (name, family.type)
        unit = re.search("_(seconds|bytes|ratio)$", name)
        assert family.unit == (unit.group(1) if unit else ""), (name, family.unit)
        assert family.documentation.endswith("."), (name, family.documentation)
        assert family.samples, name
    for name in ("hogsend_members", "hogsend_bucket_members", "hogsend_timers_due", "hogsend_recent_transitions", "hogsend_jobs"):
        assert re.search("counted|estimated", found[name].documentation), name
    for name in ("hogsend_table_rows",):
        assert "estimated" in found[name].documentation, name
    assert "kept" in found["hogsend_transitions"].documentation


def metrics_say_what_is():
    found = families()
    counted = "SELECT count(*) FROM bucket_memberships WHERE status = 'active'"
    assert value(found["hogsend_members"]) == int(sql(counted))
    assert value(found["hogsend_bucket_members"], bucket="buyers") == int(sql(f"{counted} AND bucket_id = 'buyers'"))
    assert sum(s.value for s in found["hogsend_buckets"].samples) == int(sql("SELECT count(*) FROM buckets"))
    assert value(found["hogsend_transitions"]) == int(sql("SELECT max(id) FROM bucket_transitions"))
    assert value(found["hogsend_consumer_behind"], consumer=ODD, shard="0") == 0, "a name is what it was"
    # Steps of journeys are among what it did not ask for.
    behind, asked = value(found["hogsend_consumer_behind"], consumer="mailer", shard="0"), int(sql("SELECT rows_behind FROM bucket_lag WHERE consumer = 'mailer'"))
    assert 0 < asked < behind == int(sql("SELECT max(id) - (SELECT mark FROM bucket_positions WHERE consumer = 'mailer') FROM bucket_transitions")), (asked, behind)
    assert value(found["hogsend_runs"]) == int(sql("SELECT count(*) FROM journey_runs WHERE ended_at IS NULL")) > 0
    checks = {s.labels["check"]: s.value for s in found["hogsend_check_ok"].samples}
    assert checks == {line.rsplit("|", 1)[0]: float(line.endswith("|t")) for line in sql('SELECT "check", ok FROM hogsend_health()').splitlines()}
    assert sum(s.value for s in found["hogsend_lateness_seconds"].samples if s.name.endswith("_gcount")) > 0


def every_alert_can_be_judged():
    rules = [rule for group in yaml.safe_load((DOC / "alerts.yaml").read_text())["groups"] for rule in group["rules"]]
    samples = {}
    for family in families().values():
        for sample in family.samples:
            samples.setdefault(sample.name, []).append(sample.labels)
    # Only tables that are attached have those.
    samples.setdefault("hogsend_feed_rows_failed_total", []).append({"feed": "orders"})
    names = [rule["alert"] for rule in rules]
    assert len(set(names)) == len(names) and len(names) > 10, names
    for rule in rules:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}, rule
        assert rule["labels"]["severity"] in ("warning", "critical"), rule
        promql_parser.parse_duration(rule.get("for", "1m"))
        said = " ".join(rule["annotations"][key] for key in ("summary", "description"))
        selectors = list(selected(promql_parser.parse(rule["expr"])))
        assert selectors, rule["expr"]
        known = set()
        for selector in selectors:
            assert selector.name in samples, f"{rule['alert']}: there is no {selector.name}"
            for matcher in selector.matchers.matchers:
                assert any(labels.get(matcher.name) == matcher.value for labels in samples[selector.name]), f"{rule['alert']}: {selector}"
            known |= {name for labels in samples[selector.name] for name in labels}
        for name in re.findall(r"\$labels\.(\w+)", said):
            assert name in known, f"{rule['alert']} says {name}, which no sample has"
    # What health has no number for, it has a check for.
    assert any(rule["expr"] == "hogsend_check_ok == 0" for rule in rules)


def selected(expression):
    """The selectors of series in an expression."""
    if isinstance(expression, promql_parser.VectorSelector):
        yield expression
    for part in ("lhs", "rhs", "expr", "vector_selector", "args"):
        below = getattr(expression, part, None)
        for one in below if isinstance(below, list) else [below]:
            if isinstance(one, promql_parser.Expr):
                yield from selected(one)


def macros(text, bucket):
    """As Grafana's data source fills in a query."""
    text = text.replace("$bucket", bucket)
    return re.sub(r"\$__timeFilter\(((?:[^()]|\([^()]*\))*)\)", r"\1 BETWEEN '2026-03-12T00:00:00Z' AND '2026-05-11T09:00:30Z'", text)


def every_query_of_the_dashboard_runs():
    board = json.loads((DOC / "grafana.json").read_text())
    panels = board["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        assert place["x"] + place["w"] <= 24 and not cells & taken, f"{panel['title']} stands on another"
        taken |= cells
    variable = next(one for one in board["templating"]["list"] if one["name"] == "bucket")
    assert "buyers" in sql(variable["query"], "watch_analyst").splitlines()
    for panel in panels:
        for target in panel["targets"]:
            for bucket in ("all", "buyers"):
                query = macros(target["rawSql"], bucket)
                assert "$" not in query, f"{panel['title']}: {query}"
                rows = json.loads(sql(f"SELECT coalesce(json_agg(q), '[]') FROM ({query}) AS q", "watch_analyst"))
                if panel["title"] not in ("Attached tables", "Jobs"):
                    assert rows, f"{panel['title']} of {bucket} shows nothing"
                if target["format"] == "time_series":
                    assert "time" in rows[0], f"{panel['title']} has no time"
    members = next(panel for panel in panels if panel["title"] == "Members" and panel["type"] == "timeseries")
    rows = json.loads(sql(f"SELECT json_agg(q ORDER BY q.time) FROM ({macros(members['targets'][0]['rawSql'], 'buyers')}) AS q", "watch_analyst"))
    assert rows[-1]["members"] == int(sql("SELECT active FROM bucket_stats WHERE bucket_id = 'buyers'")), "the last day ends with who is in it"
    assert rows[0]["members"] >= 0


def what_is_wrong_is_seen():
    """The tests above would fail."""
    for text in ("# TYPE a gauge\na 1\n", "# TYPE a counter\na 1\n# EOF\n", '# TYPE a gauge\na{b="\\"} 1\n# EOF\n'):
        try:
            list(text_string_to_metric_families(text))
        except ValueError:
            continue
        raise AssertionError(f"the parser takes {text!r}")
    try:
        promql_parser.parse("hogsend_errors > > 0")
    except ValueError:
        return
    raise AssertionError("the parser takes any rule")


def main():
    sql("CREATE ROLE watch_monitor; CREATE ROLE watch_analyst")
    sql("GRANT EXECUTE ON FUNCTION hogsend_metrics() TO watch_monitor; SELECT hogsend_grant('watch_analyst', 'analyst')")
    sql(f"SELECT hogsend_subscribe({quoted(ODD)})")
    passed = failed = 0
    for test in (metrics_are_open_metrics, metrics_say_what_is, every_alert_can_be_judged, every_query_of_the_dashboard_runs, what_is_wrong_is_seen):
        try:
            test()
            passed += 1
            print(f"ok      {test.__name__}")
        except Exception as error:  # Whatever it is, the others go on.
            failed += 1
            print(f"FAILED  {test.__name__}\n{type(error).__name__}: {error}")
    print(f"{passed} passed, {failed} failed")
    return failed != 0


sys.exit(main())
