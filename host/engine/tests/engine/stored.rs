//! Stored password hashes: those of other libraries verify, and what is not quite one is refused.

use wasi_crypto_engine::{Backend, Category, Error};

use crate::fixture::engine;

const PASSWORD: &[u8] = b"correct horse";

/// What other libraries have made of the password, at costs that take no time: which, of what, and the string.
const ELSEWHERE: &[(&str, &str, &str)] = &[
    // argon2-cffi 25, that is the reference implementation.
    (
        "argon2-cffi",
        "ARGON2-ID-13",
        "$argon2id$v=19$m=64,t=1,p=2$c29tZXNhbHQxNmJ5dGVzIQ$OLK6NbjQr6NDq1CydJ+2CTpy6FF2G9xLBhkZbutNPA8",
    ),
    (
        "argon2-cffi",
        "ARGON2-I-13",
        "$argon2i$v=19$m=64,t=1,p=2$c29tZXNhbHQxNmJ5dGVzIQ$dkgUtY27OGwexMrWTUMFZFIw5+YQ6fAPS71Ne2QMZRI",
    ),
    (
        "argon2-cffi",
        "ARGON2-D-13",
        "$argon2d$v=19$m=64,t=1,p=2$c29tZXNhbHQxNmJ5dGVzIQ$0ORz0h9/kF8zZ/+b1VKHdUY3LRx2lokf0bMcqQ0ozA4",
    ),
    (
        "a salt of 8 bytes",
        "ARGON2-ID-13",
        "$argon2id$v=19$m=64,t=1,p=1$AAECAwQFBgc$JlQiq/Aui2Xyz4gASIHQJI5gyR1MRk455b7XkXq/bwk",
    ),
    (
        "a salt and a hash of 64 bytes",
        "ARGON2-ID-13",
        "$argon2id$v=19$m=64,t=1,p=1$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw$jAZxiP8ws5uNPNrsuBClHBhMbw2IstINCcsKzL3Kkf+OHMmZ+gSEfbCcxuHRcCrcOE5DW6d5oHCORDKvRnZ20Q",
    ),
    (
        "a hash of 128 bytes",
        "ARGON2-ID-13",
        "$argon2id$v=19$m=64,t=1,p=1$AAECAwQFBgcICQoLDA0ODw$y+FnPJ5WoV2jZjMNq93WS+FeAS102aEUBBIDTwenk95+V9MDoABXm/iyzAknEwLHaCX/zLXEfRoL1Fb/8HY3GuDoVIn8W+m36/+L3+rHEt2MXEBJMWpIprYxUuctgq2dSOQuime7H3wqOM/kxbyYgo7xK7trBQl/sPQJc4n/Ltw",
    ),
    (
        "a hash of 65 bytes",
        "ARGON2-ID-13",
        "$argon2id$v=19$m=64,t=1,p=1$AAECAwQFBgcICQoLDA0ODw$r9CFgFRs+XnqyOCszyfKKb8r3LkuOXuttTmqNj09h5UitwzuX3TY3Ix7P7oaVKicZ4rJd71uyx4UG0uxD23EjlA",
    ),
    (
        "the first version",
        "ARGON2-ID-13",
        "$argon2id$v=16$m=64,t=1,p=1$AAECAwQFBgcICQoLDA0ODw$99Xrjz3Hn4FFoH4oXoh0pQ",
    ),
    // The order of node's argon2.
    (
        "node's order",
        "ARGON2-ID-13",
        "$argon2id$v=19$m=64,p=2,t=2$c29tZXNhbHQxNmJ5dGVzIQ$HwoQKG84U2W2BuHe2qoCNXSWm60CC46LEdEga8Nvxf0",
    ),
    (
        "associated data",
        "ARGON2-ID-13",
        "$argon2id$v=19$m=64,p=2,t=2,data=YXNzb2NpYXRlZCBkYXRh$c29tZXNhbHQxNmJ5dGVzIQ$hZ6CoH65YhSRl0rooZbR8ecerCehd5FXSwEDQZLG1pE",
    ),
    (
        "associated data that is not the last",
        "ARGON2-ID-13",
        "$argon2id$v=19$data=YXNzb2NpYXRlZCBkYXRh,m=64,t=2,p=2$c29tZXNhbHQxNmJ5dGVzIQ$hZ6CoH65YhSRl0rooZbR8ecerCehd5FXSwEDQZLG1pE",
    ),
    (
        "PHP's password_hash",
        "ARGON2-ID-13",
        "$argon2id$v=19$m=64,t=2,p=1$aG9QWWNDOUxaWWRrc1h5Lg$sk23WICBq2zZvzSpc4j1FKPlWSNb0wdMqTFGO5QKo/Y",
    ),
    (
        "PHP's password_hash",
        "ARGON2-I-13",
        "$argon2i$v=19$m=64,t=2,p=2$anZ1T0RMbVpvWDkvSlY2Mw$Wa7XG90rHFg5bSGgSznEuf4KWITUO1V7eazD3f+SwKQ",
    ),
    (
        "passlib",
        "SCRYPT",
        "$scrypt$ln=4,r=8,p=1$c29tZXNhbHQxNmJ5dGVzIQ$Meab5x995VM3YzH6sm2NAuLdIV6bhX0skDu9xFI5oU8",
    ),
    (
        "passlib, with a salt of 4 bytes",
        "SCRYPT",
        "$scrypt$ln=4,r=4,p=2$Zm91cg$k16HEE1xIEUGOaTTA6EjhPMw/U0J6z6ojodk3dCpVLk",
    ),
    // Python's hashlib.
    (
        "a hash of 65 bytes, in another order",
        "SCRYPT",
        "$scrypt$p=1,ln=4,r=8$AAECAw$AmSwOaUB969NGb4rBW1PWJyodw46pPzQ8rTGMYlMbSpKmVwVoX3IG1hzNbCSVIC4ASRPSgPItsTgnI9uxLzF1ag",
    ),
    (
        "a salt of 64 bytes, and a hash of 128",
        "SCRYPT",
        "$scrypt$ln=5,r=4,p=3$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw$ka70OYxQLO+CM6if4mOvpyV4nF+dqtUcetjU5ogF6r7p/mF1JBNfDfKsP9eHZ1OWTa6E7DuQO7BK4lYfP3Ed17wpueVInotUPwnHj9MpIJOBPU8SNwUkylRh62/8XpMA2LWtAZyFSC8cIEmZqs0E4hMfO1t2X7lWPYuJcyQInUo",
    ),
    (
        "no length",
        "PBKDF2/SHA-256",
        "$pbkdf2-sha256$i=1000$AAECAwQFBgcICQoLDA0ODw$yRTMTwbMbo9G0VfjobWqerzuuxe7BETNTErBbKKumGQ",
    ),
    (
        "the length first",
        "PBKDF2/SHA-256",
        "$pbkdf2-sha256$l=32,i=1000$AAECAwQFBgcICQoLDA0ODw$yRTMTwbMbo9G0VfjobWqerzuuxe7BETNTErBbKKumGQ",
    ),
    (
        "a salt of 4 bytes, and a hash of 64",
        "PBKDF2/SHA-512",
        "$pbkdf2-sha512$i=1000$AAECAw$NqXH7AzZMljLb98q2mM1Ui/S5pz+e5JTZlO4LVF92jy+q5GN5sBNC7i6raQjmxp16l93O1IB3Sl3Z3LE/khIbA",
    ),
    (
        "a hash of 128 bytes",
        "PBKDF2/SHA-512",
        "$pbkdf2-sha512$i=1000$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw$53KiEygVzVVEVUVTe4h79yMtYp0OxxoKFip82vf7OCrEbcm4/E88oGkCyN0NhQ7fLOSBIpiITuELG/0ldDPFMQsckc/QAwvxX7FWwFV1+MFhaP+ipBVGY7cWmEQxYFPbIRoNKoRBqtuaOUYdu3iZtFObuVDdIX8XsxlC3Za/rLM",
    ),
];

/// Verifies the password, or says why not.
fn verify(algorithm: &str, phc: &str, password: &[u8]) -> Result<(), Error> {
    let engine = engine(Backend::Native);
    let mut options = engine.options(Category::Symmetric);
    options.set("phc", phc.as_bytes())?;
    let mut state = engine.open(algorithm, None, Some(&options))?;
    state.absorb(password)?;
    state.squeeze_tag()?.verify(phc.as_bytes())
}

#[test]
fn what_other_libraries_have_stored_verifies() {
    for (origin, algorithm, phc) in ELSEWHERE {
        assert_eq!(verify(algorithm, phc, PASSWORD), Ok(()), "{origin}: {phc}");
        let wrong = verify(algorithm, phc, b"battery staple");
        assert_eq!(wrong, Err(Error::InvalidTag), "{origin}: {phc}");
    }
}

const SALT: &str = "c29tZXNhbHQxNmJ5dGVzIQ";
const HASH: &str = "HwoQKG84U2W2BuHe2qoCNXSWm60CC46LEdEga8Nvxf0";

#[track_caller]
fn assert_malformed(algorithm: &str, phc: &str) {
    let error = verify(algorithm, phc, PASSWORD).err();
    assert_eq!(error, Some(Error::UnsupportedEncoding), "{phc}");
}

/// The names of parameters with a value for each.
type Params = &'static [(&'static str, &'static str)];

/// Each function with what its strings begin with, and its parameters.
const FUNCTIONS: [(&str, &str, Params); 3] = [
    (
        "ARGON2-ID-13",
        "$argon2id$v=19",
        &[("m", "64"), ("t", "2"), ("p", "2")],
    ),
    ("SCRYPT", "$scrypt", &[("ln", "4"), ("r", "8"), ("p", "1")]),
    (
        "PBKDF2/SHA-256",
        "$pbkdf2-sha256",
        &[("i", "10"), ("l", "32")],
    ),
];

#[test]
fn a_number_has_one_spelling() {
    for (algorithm, head, params) in FUNCTIONS {
        for (at, (_, value)) in params.iter().enumerate() {
            for spelling in [
                format!("0{value}"),
                format!("+{value}"),
                format!("-{value}"),
                format!(" {value}"),
                format!("{value} "),
                format!("{value}.0"),
                format!("{value}="),
                format!("0x{value}"),
                "00".to_owned(),
                "4294967296".to_owned(),
                "\u{665}".to_owned(),
                String::new(),
            ] {
                let each = params.iter().enumerate().map(|(number, (name, value))| {
                    let value = if number == at {
                        spelling.as_str()
                    } else {
                        value
                    };
                    format!("{name}={value}")
                });
                let params = each.collect::<Vec<_>>().join(",");
                assert_malformed(algorithm, &format!("{head}${params}${SALT}${HASH}"));
            }
        }
    }
    for version in ["019", "+19", "19 ", "", "0x13", "18", "19,m=64"] {
        let phc = format!("$argon2id$v={version}$m=64,t=2,p=2${SALT}${HASH}");
        assert_malformed("ARGON2-ID-13", &phc);
    }
}

#[test]
fn each_known_parameter_stands_there_once() {
    for (algorithm, head, params) in FUNCTIONS {
        let all: Vec<_> = params
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let all = all.join(",");
        let stored = |params: &str| format!("{head}${params}${SALT}${HASH}");
        assert_eq!(
            verify(algorithm, &stored(&all), b"another"),
            Err(Error::InvalidTag)
        );
        for (name, value) in params {
            // Twice the same, too.
            assert_malformed(algorithm, &stored(&format!("{all},{name}={value}")));
            assert_malformed(algorithm, &stored(&format!("{name}=3,{all}")));
        }
        for more in [
            ",x=1",
            ",keyid=AAAA",
            ",v=19",
            ",M=64",
            ",",
            ",,",
            ",=",
            ",m",
            ", m=64",
            ",data=",
            "$",
        ] {
            assert_malformed(algorithm, &stored(&format!("{all}{more}")));
        }
        for before in ["x=1,", ",", " ", "$"] {
            assert_malformed(algorithm, &stored(&format!("{before}{all}")));
        }
    }
    let data = "data=YXNzb2NpYXRlZCBkYXRh";
    let twice = format!("$argon2id$v=19$m=64,t=2,p=2,{data},{data}${SALT}${HASH}");
    assert_malformed("ARGON2-ID-13", &twice);
    for (algorithm, head, params) in &FUNCTIONS[1..] {
        let each: Vec<_> = params.iter().map(|(n, v)| format!("{n}={v}")).collect();
        let params = each.join(",");
        assert_malformed(algorithm, &format!("{head}$v=19${params}${SALT}${HASH}"));
        assert_malformed(algorithm, &format!("{head}${params},{data}${SALT}${HASH}"));
    }
}

#[test]
fn bytes_have_one_spelling() {
    for (algorithm, head, params) in FUNCTIONS {
        let each: Vec<_> = params.iter().map(|(n, v)| format!("{n}={v}")).collect();
        let params = each.join(",");
        let stored = |salt: &str, hash: &str| format!("{head}${params}${salt}${hash}");
        // Padding, bits that say nothing, another alphabet, white space.
        for salt in [
            "c29tZXNhbHQxNmJ5dGVzIQ==",
            "c29tZXNhbHQxNmJ5dGVzIR",
            "c29tZXNhbHQxNmJ5dGVzI",
            "c29tZXNhbHQ.NmJ5dGVzIQ",
            "c29tZXNhbHQ-NmJ5dGVzIQ",
            " c29tZXNhbHQxNmJ5dGVzIQ",
            "c29tZXNhbHQxNmJ5dGVzIQ ",
            "c29tZXNhbHQxNmJ5dGVz\u{e9}Q",
            "",
        ] {
            assert_malformed(algorithm, &stored(salt, HASH));
        }
        for hash in [
            "HwoQKG84U2W2BuHe2qoCNXSWm60CC46LEdEga8Nvxf0=",
            "HwoQKG84U2W2BuHe2qoCNXSWm60CC46LEdEga8Nvxf1",
            "HwoQKG84U2W2BuHe2qoCNXSWm60CC46LEdEga8Nvxf0\n",
            "HwoQKG84U2W2BuHe2qoCNXSWm60CC46LEdEga8Nvxf0$",
            "HwoQKG84U2W2BuHe2qoCNXSWm60CC46LEdEga8Nvxf0$AAAA",
            "HwoQKG84U2W2",
            "",
        ] {
            assert_malformed(algorithm, &stored(SALT, hash));
        }
        let whole = stored(SALT, HASH);
        for edge in [
            format!(" {whole}"),
            format!("{whole} "),
            whole.replace('$', "$ "),
            whole.replacen('$', "", 1),
            whole.to_uppercase(),
        ] {
            assert_malformed(algorithm, &edge);
        }
    }
    for data in ["YQ==", "YR", "Y", "."] {
        let phc = format!("$argon2id$v=19$m=64,t=2,p=2,data={data}${SALT}${HASH}");
        assert_malformed("ARGON2-ID-13", &phc);
    }
}

#[test]
fn other_forms_are_no_stored_hashes() {
    for phc in [
        // Django
        "pbkdf2_sha256$1000000$somesaltsomesaltsomesalt$Zm9FGLZKW+bAkJmlL+ESDELI717T2GZPZ1PG+OqNexQ=",
        "argon2$argon2id$v=19$m=102400,t=2,p=8$c29tZXNhbHRzb21lc2FsdHNvbWVzYWx0$MIyVuWweGjgRxrdB9lYtsJN//xCpXfvoAVD7PiBeF8Y",
        // passlib
        "$pbkdf2-sha256$10$c29tZXNhbHQxNmJ5dGVzIQ$ozte.whUH4vBqBZYiUXFpjFwR8IN2z90aCLqO1MD8HQ",
        // werkzeug
        "pbkdf2:sha256:10$PBAh0Bitd94s5aTF$666936e2ef9c7e2cce9870999420850f9bcda745328b56a7dc14442bee0b145b",
        // bcrypt
        "$2b$12$abcdefghijklmnopqrstuuNHhGwV2sQ0AjUgK0B2U7b3pR6c1H4mu",
    ] {
        for algorithm in ["ARGON2-ID-13", "SCRYPT", "PBKDF2/SHA-256"] {
            let error = verify(algorithm, phc, PASSWORD).err();
            let refused = [Error::UnsupportedEncoding, Error::IncompatibleKeys];
            assert!(error.is_some_and(|error| refused.contains(&error)), "{phc}");
        }
    }
    assert_malformed(
        "PBKDF2/SHA-256",
        "$pbkdf2-sha256$10$c29tZXNhbHQxNmJ5dGVzIQ$ozte.whUH4vBqBZYiUXFpjFwR8IN2z90aCLqO1MD8HQ",
    );
}
