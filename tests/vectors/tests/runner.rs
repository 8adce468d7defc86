//! The runner, on a toy implementation that remembers what it absorbed.

use wasi_crypto_vectors::player::{Report, play_files};
use wasi_crypto_vectors::{Case, Errno, Mismatch, Subject, parse, run};

/// `TOY` states hold bytes: squeezing gives the first ones, a tag is their sum, encryption adds one to each byte.
#[derive(Default)]
struct Toy {
    open: i32,
}

type Set = Vec<(String, Vec<u8>)>;

impl Toy {
    fn made<T>(&mut self, value: T) -> T {
        self.open += 1;
        value
    }

    fn sum(bytes: &[u8]) -> u8 {
        bytes.iter().fold(0, |sum, byte| sum.wrapping_add(*byte))
    }
}

impl Subject for Toy {
    type Key = Vec<u8>;
    type Options = Set;
    type State = (Vec<u8>, Set);
    type Tag = u8;

    fn import_key(&mut self, algorithm: &str, raw: &[u8]) -> Result<Vec<u8>, Errno> {
        match (algorithm, raw) {
            ("TOY", [_, ..]) => Ok(self.made(raw.to_vec())),
            ("TOY", []) => Err(Errno::InvalidKey),
            _ => Err(Errno::UnsupportedAlgorithm),
        }
    }

    fn generate_key(&mut self, algorithm: &str, _: Option<&Set>) -> Result<Vec<u8>, Errno> {
        self.import_key(algorithm, &[7; 5])
    }

    fn export_key(&mut self, key: &Vec<u8>) -> Result<Vec<u8>, Errno> {
        Ok(key.clone())
    }

    fn open_options(&mut self) -> Result<Set, Errno> {
        Ok(self.made(Vec::new()))
    }

    fn set_option(&mut self, options: &mut Set, name: &str, value: &[u8]) -> Result<(), Errno> {
        if name == "wrong" {
            return Err(Errno::UnsupportedOption);
        }
        options.push((name.to_owned(), value.to_vec()));
        Ok(())
    }

    fn set_option_u64(&mut self, options: &mut Set, name: &str, value: u64) -> Result<(), Errno> {
        self.set_option(options, name, &value.to_be_bytes())
    }

    fn set_option_buffer(&mut self, options: &mut Set, name: &str, size: u64) -> Result<(), Errno> {
        self.set_option_u64(options, name, size)
    }

    fn open(
        &mut self,
        _: &str,
        key: Option<&Vec<u8>>,
        options: Option<&Set>,
    ) -> Result<(Vec<u8>, Set), Errno> {
        let state = (
            key.cloned().unwrap_or_default(),
            options.cloned().unwrap_or_default(),
        );
        Ok(self.made(state))
    }

    fn clone_state(&mut self, state: &mut (Vec<u8>, Set)) -> Result<(Vec<u8>, Set), Errno> {
        Ok(self.made(state.clone()))
    }

    fn get_option(&mut self, state: &mut (Vec<u8>, Set), name: &str) -> Result<Vec<u8>, Errno> {
        let found = state.1.iter().rev().find(|(set, _)| set == name);
        found
            .map(|(_, value)| value.clone())
            .ok_or(Errno::OptionNotSet)
    }

    fn get_option_u64(&mut self, state: &mut (Vec<u8>, Set), name: &str) -> Result<u64, Errno> {
        let value = self.get_option(state, name)?;
        Ok(value
            .iter()
            .fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn absorb(&mut self, state: &mut (Vec<u8>, Set), data: &[u8]) -> Result<(), Errno> {
        state.0.extend_from_slice(data);
        Ok(())
    }

    fn squeeze(&mut self, state: &mut (Vec<u8>, Set), len: u64) -> Result<Vec<u8>, Errno> {
        state
            .0
            .get(..len as usize)
            .map(<[u8]>::to_vec)
            .ok_or(Errno::InvalidLength)
    }

    fn squeeze_tag(&mut self, state: &mut (Vec<u8>, Set)) -> Result<u8, Errno> {
        let sum = Toy::sum(&state.0);
        Ok(self.made(sum))
    }

    fn pull_tag(&mut self, tag: u8) -> Result<Vec<u8>, Errno> {
        self.open -= 1;
        Ok(vec![tag])
    }

    fn verify_tag(&mut self, tag: &u8, expected: &[u8]) -> Result<(), Errno> {
        if expected == [*tag] {
            Ok(())
        } else {
            Err(Errno::InvalidTag)
        }
    }

    fn squeeze_key(
        &mut self,
        state: &mut (Vec<u8>, Set),
        algorithm: &str,
    ) -> Result<Vec<u8>, Errno> {
        let raw = state.0.clone();
        self.import_key(algorithm, &raw)
    }

    fn max_tag_len(&mut self, _: &mut (Vec<u8>, Set)) -> Result<u64, Errno> {
        Ok(1)
    }

    fn encrypt(&mut self, state: &mut (Vec<u8>, Set), plaintext: &[u8]) -> Result<Vec<u8>, Errno> {
        let (mut out, tag) = self.encrypt_detached(state, plaintext)?;
        out.extend(self.pull_tag(tag)?);
        Ok(out)
    }

    fn encrypt_detached(
        &mut self,
        state: &mut (Vec<u8>, Set),
        plaintext: &[u8],
    ) -> Result<(Vec<u8>, u8), Errno> {
        let ciphertext = plaintext.iter().map(|byte| byte.wrapping_add(1)).collect();
        Ok((ciphertext, self.squeeze_tag(state)?))
    }

    fn decrypt(&mut self, state: &mut (Vec<u8>, Set), ciphertext: &[u8]) -> Result<Vec<u8>, Errno> {
        let (tag, ciphertext) = ciphertext.split_last().ok_or(Errno::InvalidTag)?;
        self.decrypt_detached(state, ciphertext, &[*tag])
    }

    fn decrypt_detached(
        &mut self,
        state: &mut (Vec<u8>, Set),
        ciphertext: &[u8],
        tag: &[u8],
    ) -> Result<Vec<u8>, Errno> {
        if tag != [Toy::sum(&state.0)] {
            return Err(Errno::InvalidTag);
        }
        Ok(ciphertext.iter().map(|byte| byte.wrapping_sub(1)).collect())
    }

    fn ratchet(&mut self, state: &mut (Vec<u8>, Set)) -> Result<(), Errno> {
        state.0.clear();
        Ok(())
    }

    fn close_key(&mut self, _: Vec<u8>) {
        self.open -= 1;
    }

    fn close_options(&mut self, _: Set) {
        self.open -= 1;
    }

    fn close_state(&mut self, _: (Vec<u8>, Set)) {
        self.open -= 1;
    }

    fn close_tag(&mut self, _: u8) {
        self.open -= 1;
    }
}

fn case(steps: &str) -> Case {
    let mut cases = parse(&format!("case toy\n{steps}")).unwrap();
    cases.remove(0)
}

fn play(steps: &str) -> Result<(), Mismatch> {
    let mut toy = Toy::default();
    let result = run(&case(steps), &mut toy);
    assert_eq!(toy.open, 0, "something was not closed");
    result
}

const RIGHT: &str = "\
key TOY - = !invalid_key
key OTHER 00 = !unsupported_algorithm
option nonce 01
option wrong 00 = !unsupported_option
option-u64 wrong 1 = !unsupported_option
option-u64 tag_len 300
buffer memory 65536
key TOY 05
export = 05
open TOY
option-get nonce = 01
option-get salt = !option_not_set
option-get-u64 tag_len = 300
option-get-u64 memory = 65536
max-tag-len = 1
clone fork
absorb 0102
squeeze = 0501
squeeze 3 = *
squeeze 4 = !invalid_length
squeeze-tag = 08
verify 08
verify 09 = !invalid_tag
encrypt 0a = 0b08
encrypt-detached 0a = 0b 08
encrypt-detached 0a = *
decrypt 0b08 = 0a
decrypt 0b09 = !invalid_tag
decrypt-detached 0b 08 = 0a
decrypt-detached 0b 00 = !invalid_tag
squeeze-key TOY = 050102
squeeze-key OTHER = !unsupported_algorithm
squeeze-key TOY
state fork
squeeze = 05
open TOY
squeeze = 050102
ratchet
squeeze 1 = !invalid_length
no-options
no-key
open TOY
option-get nonce = !option_not_set
generate TOY = 5
generate TOY
generate OTHER = !unsupported_algorithm
";

#[test]
fn a_case_that_says_what_happens_passes() {
    assert_eq!(play(RIGHT), Ok(()));
}

#[test]
fn each_step_that_says_something_else_is_reported_with_its_line() {
    let setup = "key TOY 05\noption nonce 01\nopen TOY\n";
    for (step, expected, got) in [
        ("key TOY -", "success", "!invalid_key"),
        ("key TOY 00 = !invalid_key", "!invalid_key", "success"),
        ("key TOY - = !overflow", "!overflow", "!invalid_key"),
        ("generate TOY = 6", "6", "5"),
        ("export = 06", "1 bytes 06", "1 bytes 05"),
        ("option wrong 00", "success", "!unsupported_option"),
        ("option-get nonce = 0100", "2 bytes 0100", "1 bytes 01"),
        ("option-get-u64 nonce = 2", "2", "1"),
        ("absorb 00 = !overflow", "!overflow", "success"),
        ("squeeze = 06", "1 bytes 06", "1 bytes 05"),
        ("squeeze 2 = *", "success", "!invalid_length"),
        ("squeeze-tag = 00", "1 bytes 00", "1 bytes 05"),
        ("verify 06", "success", "!invalid_tag"),
        ("verify 05 = !invalid_tag", "!invalid_tag", "success"),
        ("squeeze-key TOY = 04", "1 bytes 04", "1 bytes 05"),
        ("max-tag-len = 16", "16", "1"),
        ("encrypt 00 = 0106", "2 bytes 0106", "2 bytes 0105"),
        ("encrypt-detached 00 = 00 05", "1 bytes 00", "1 bytes 01"),
        ("encrypt-detached 00 = 01 06", "1 bytes 06", "1 bytes 05"),
        (
            "encrypt-detached 00 = !nonce_required",
            "!nonce_required",
            "success",
        ),
        ("decrypt 0105 = 01", "1 bytes 01", "1 bytes 00"),
        (
            "decrypt-detached 01 05 = !invalid_tag",
            "!invalid_tag",
            "success",
        ),
        (
            "ratchet = !invalid_operation",
            "!invalid_operation",
            "success",
        ),
        (
            "clone other = !unsupported_feature",
            "!unsupported_feature",
            "success",
        ),
    ] {
        let mismatch = play(&format!("{setup}{step}\n")).unwrap_err();
        let keyword = step.split(' ').next().unwrap();
        assert_eq!(
            (
                mismatch.line,
                mismatch.step.as_str(),
                mismatch.expected.as_str(),
                mismatch.got.as_str()
            ),
            (5, keyword, expected, got),
            "{step}"
        );
        assert_eq!(mismatch.case, "toy");
    }
}

#[test]
fn a_step_on_a_state_or_key_that_the_case_never_made_is_reported() {
    assert_eq!(play("absorb 00").unwrap_err().got, "none called `main`");
    assert_eq!(
        play("open TOY\nstate fork\nabsorb 00").unwrap_err().got,
        "none called `fork`"
    );
    assert_eq!(play("export = 00").unwrap_err().got, "none");
}

#[test]
fn a_long_value_is_shown_from_where_it_parts() {
    let mismatch = play("open TOY\nabsorb 00*100+01+02*300\nsqueeze = 00*100+03*300").unwrap_err();
    assert!(mismatch.expected.starts_with("400 bytes …00"), "{mismatch}");
    assert!(mismatch.expected.contains("000303"), "{mismatch}");
    assert!(mismatch.got.contains("000102"), "{mismatch}");
    assert!(mismatch.got.ends_with('…'), "{mismatch}");
    assert!(mismatch.got.len() < 160, "{mismatch}");
}

#[test]
fn splitting_absorbs_keeps_what_is_absorbed() {
    let whole =
        case("open TOY\nabsorb pattern:251:10\nabsorb -\nabsorb 00\nsqueeze = pattern:251:10+00");
    for piece in [1, 3, 10, 11] {
        let split = whole.with_split_absorbs(piece);
        assert_eq!(
            split.steps.len(),
            whole.steps.len() + 10usize.div_ceil(piece) - 1
        );
        assert_eq!(run(&split, &mut Toy::default()), Ok(()));
    }
}

#[test]
fn a_report_is_read_as_it_is_printed() {
    let script =
        "case right\nopen TOY\nabsorb 05\nsqueeze = 05\ncase wrong\nopen TOY\nmax-tag-len = 16\n";
    let report = Report::of(script, &mut Toy::default()).expect("a script");
    assert_eq!((report.cases, report.mismatches.len()), (2, 1), "{report}");
    assert_eq!(
        report.to_string(),
        "mismatch: wrong, line 7, max-tag-len: expected 16, got 1\ncases: 2\n"
    );
    assert_eq!(Report::read(&report.to_string()), Some(report));
}

#[test]
fn what_a_program_printed_that_did_not_come_to_its_end_is_no_report() {
    for printed in ["", "mismatch: wrong\n", "cases: \n", "warning\ncases: 2\n"] {
        assert_eq!(Report::read(printed), None, "{printed}");
    }
}

#[test]
#[should_panic(expected = "1 of 2 cases fail here:\ntoy.vec: wrong")]
fn a_report_with_a_mismatch_fails_and_names_the_file() {
    let script = "case right\nopen TOY\ncase wrong\nopen TOY\nmax-tag-len = 16\n";
    let mut report = Report::default();
    let played = Report::of(script, &mut Toy::default());
    report.add("toy.vec", played.expect("a script"));
    report.assert_right("here");
}

#[test]
#[should_panic(expected = "there are no cases here")]
fn a_report_of_nothing_fails() {
    Report::default().assert_right("here");
}

#[test]
#[should_panic(expected = "aegis.vec")]
fn a_player_that_leaves_cases_out_is_noticed() {
    play_files(|_| Report::default());
}
