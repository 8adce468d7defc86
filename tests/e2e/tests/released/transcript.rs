//! What programs printed.

use std::path::Path;

use wasi_crypto_test_harness::Outcome;

/// A command of a transcript.
pub struct Command {
    /// The name that the program was called by.
    pub program: String,
    /// Its arguments.
    pub args: Vec<String>,
    /// The file that it read from its standard input.
    pub stdin: Option<String>,
    /// The lines that it printed; `*` stands for anything.
    printed: Vec<String>,
}

impl Command {
    /// The commands of a transcript.
    pub fn all(transcript: &Path) -> Vec<Self> {
        let text = std::fs::read_to_string(transcript).expect("a transcript");
        let mut commands: Vec<Self> = Vec::new();
        for line in text.lines() {
            if let Some(words) = line.strip_prefix("$ ") {
                commands.push(Self::parse(words));
            } else {
                let command = commands.last_mut().expect("a command first");
                command.printed.push(line.to_owned());
            }
        }
        assert!(!commands.is_empty(), "{} is empty", transcript.display());
        commands
    }

    fn parse(line: &str) -> Self {
        let (line, stdin) = match line.split_once(" < ") {
            Some((line, file)) => (line, Some(file.to_owned())),
            None => (line, None),
        };
        let mut words = line.split(' ').map(str::to_owned);
        Self {
            program: words.next().expect("a program"),
            args: words.collect(),
            stdin,
            printed: Vec::new(),
        }
    }

    /// Checks that a run ended and printed as it did then, and left nothing open.
    #[track_caller]
    pub fn assert_same(&self, outcome: &Outcome, what: &str) {
        let what = format!("{what}: {} {:?}", self.program, self.args);
        assert!(outcome.is_success(), "{what}: {outcome:#?}");
        let printed: Vec<_> = outcome.stdout.lines().collect();
        assert_eq!(printed.len(), self.printed.len(), "{what}: {outcome:#?}");
        for (line, then) in printed.iter().zip(&self.printed) {
            let same = match then.strip_suffix('*') {
                Some(beginning) => line.starts_with(beginning),
                None => line == then,
            };
            assert!(same, "{what}: {then}, and now: {line}");
        }
    }
}
