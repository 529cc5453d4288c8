# The journey runner in Python, as compose.yaml starts it. Copy tests/runners/python/runner.py and replace what it does.
FROM python:3.12-slim-bookworm
COPY tests/runners/python/requirements.txt /runner/
RUN pip install --no-cache-dir --no-deps -r /runner/requirements.txt
COPY tests/runners/python/runner.py /runner/
USER nobody
CMD ["python", "/runner/runner.py"]
