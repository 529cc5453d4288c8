//! A Dockerfile, read as far as ours go, and done line by line in a root: no engine is needed for that.

use crate::Root;
use anyhow::{Context, Result, bail};

#[derive(Clone, Debug, PartialEq)]
pub struct Instruction {
    pub name: String,
    pub arguments: String,
}

/// From one FROM to the next.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    pub image: String,
    pub name: Option<String>,
    pub instructions: Vec<Instruction>,
}

/// Lines that are continued are one; comments are none.
fn instructions(text: &str) -> Vec<Instruction> {
    let mut found = Vec::new();
    let mut line = String::new();
    for part in text.lines() {
        let part = part.trim();
        if part.is_empty() || part.starts_with('#') {
            continue;
        }
        match part.strip_suffix('\\') {
            Some(part) => line.push_str(part),
            None => {
                line.push_str(part);
                let (name, arguments) = line.split_once(' ').unwrap_or((&line, ""));
                found.push(Instruction {
                    name: name.to_string(),
                    arguments: arguments.trim().to_string(),
                });
                line.clear();
            }
        }
    }
    found
}

/// Puts values in the place of `$NAME` and `${NAME}`. What is not known is an error, not nothing.
fn substitute(text: &str, values: &[(String, String)]) -> Result<String> {
    let mut done = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        done.push_str(before);
        let (name, after) = match after.strip_prefix('{') {
            Some(after) => after.split_once('}').context("a brace is open")?,
            None => {
                let end = after
                    .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                    .unwrap_or(after.len());
                after.split_at(end)
            }
        };
        let value = values.iter().rev().find(|(known, _)| known == name);
        let (_, value) =
            value.with_context(|| format!("nothing says what {name} is, in: {text}"))?;
        done.push_str(value);
        rest = after;
    }
    Ok(done + rest)
}

/// The stages, built with these arguments.
pub fn stages(text: &str, arguments: &[(String, String)]) -> Result<Vec<Stage>> {
    let mut stages: Vec<Stage> = Vec::new();
    for instruction in instructions(text) {
        if instruction.name == "FROM" {
            let image = substitute(&instruction.arguments, arguments)?;
            let (image, name) = match image.split_once(" AS ") {
                Some((image, name)) => (image.to_string(), Some(name.to_string())),
                None => (image, None),
            };
            stages.push(Stage {
                image,
                name,
                instructions: Vec::new(),
            });
        } else if let Some(stage) = stages.last_mut() {
            stage.instructions.push(instruction);
        } else if instruction.name != "ARG" {
            bail!("{} stands before FROM", instruction.name);
        }
    }
    Ok(stages)
}

/// What a stage's image becomes: the root, what its processes have in their environment, and what it starts.
pub struct Image {
    pub root: Root,
    pub environment: Vec<(String, String)>,
    pub command: String,
    directory: String,
}

/// Files of another stage or image: from where, what, whither.
pub type Foreign<'a> = dyn Fn(&Root, &str, &str, &str) -> Result<()> + 'a;

impl Image {
    pub fn from(root: Root, environment: &[(&str, &str)]) -> Image {
        let owned = |(name, value): &(&str, &str)| (name.to_string(), value.to_string());
        Image {
            root,
            environment: environment.iter().map(owned).collect(),
            command: String::new(),
            directory: "/".into(),
        }
    }

    /// Does what the stage says. `foreign` brings what COPY --from names.
    pub fn carry_out(
        &mut self,
        stage: &Stage,
        arguments: &[(String, String)],
        foreign: &Foreign,
    ) -> Result<()> {
        for Instruction {
            name,
            arguments: said,
        } in &stage.instructions
        {
            let substituted = substitute(said, &self.environment);
            match name.as_str() {
                "ARG" => {
                    let given = arguments.iter().find(|(argument, _)| argument == said);
                    self.environment.push(
                        given
                            .with_context(|| format!("nobody says {said}"))?
                            .clone(),
                    );
                }
                "ENV" => {
                    for pair in substituted?.split(' ') {
                        let (name, value) = pair.split_once('=').context("ENV without =")?;
                        self.environment.push((name.into(), value.into()));
                    }
                }
                "WORKDIR" => {
                    self.directory = substituted?;
                    self.root.run(&format!("mkdir -p '{}'", self.directory))?;
                }
                "RUN" => {
                    self.run(said)?;
                }
                "COPY" => self.copy(&substituted?, foreign)?,
                "CMD" => {
                    let words: Vec<String> = serde_json::from_str(said)?;
                    self.command = words.join(" ");
                }
                // Whoever starts it sees to that.
                "USER" => self.environment.push(("USER".into(), substituted?)),
                _ => bail!("nobody knows how to do {name}"),
            }
        }
        Ok(())
    }

    /// As RUN does it: in the directory, with the environment.
    pub fn run(&self, script: &str) -> Result<String> {
        let script = format!("cd '{}'\n{script}", self.directory);
        self.root.run_with(&script, &self.environment, "")
    }

    fn copy(&self, said: &str, foreign: &Foreign) -> Result<()> {
        let (from, files) = match said.strip_prefix("--from=") {
            Some(rest) => rest
                .split_once(' ')
                .map(|(from, files)| (Some(from), files))
                .context("nothing to copy")?,
            None => (None, said),
        };
        let (what, whither) = files.rsplit_once(' ').context("nowhere to copy to")?;
        let whither = match whither.strip_prefix("./").or(whither.strip_prefix('.')) {
            Some(below) => format!("{}/{below}", self.directory),
            None if whither.starts_with('/') => whither.to_string(),
            None => format!("{}/{whither}", self.directory),
        };
        match from {
            Some(from) => foreign(&self.root, from, what, &whither),
            None => self.root.put_sources(what, &whither),
        }
    }
}

/// What a service of a compose file has in its environment; `${NAME…}` is what is given, or its default.
pub fn environment_of(
    compose: &str,
    service: &str,
    given: &[(&str, &str)],
) -> Result<Vec<(String, String)>> {
    let inside = |indent: usize, name: &str, text: &str| -> Result<String> {
        let head = format!("{}{name}:", " ".repeat(indent));
        let deeper = format!("{} ", " ".repeat(indent));
        let mut lines = text.lines().skip_while(|line| *line != head);
        lines
            .next()
            .with_context(|| format!("there is no {name}"))?;
        Ok(lines
            .take_while(|line| line.is_empty() || line.starts_with(&deeper))
            .map(|line| format!("{line}\n"))
            .collect())
    };
    let environment = inside(4, "environment", &inside(2, service, compose)?)?;
    environment
        .lines()
        .filter(|line| !line.trim().starts_with('#'))
        .map(|line| {
            let (name, value) = line
                .trim()
                .split_once(": ")
                .with_context(|| format!("no value: {line}"))?;
            let value = match value
                .strip_prefix("${")
                .and_then(|rest| rest.strip_suffix('}'))
            {
                Some(variable) => {
                    let end = variable.find(':').unwrap_or(variable.len());
                    let (variable, default) = variable.split_at(end);
                    let given = given
                        .iter()
                        .find(|(name, _)| *name == variable)
                        .map(|(_, value)| *value);
                    given
                        .or(default.strip_prefix(":-"))
                        .with_context(|| format!("nobody gave {variable}"))?
                }
                None => value,
            };
            Ok((name.to_string(), value.to_string()))
        })
        .collect()
}
