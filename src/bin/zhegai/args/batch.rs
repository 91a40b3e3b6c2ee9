//! Arguments that `check` and `mask` share.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{ArgGroup, Args, ValueEnum};
use zhegai::face::FaceMask;
use zhegai::identity::Applicant;
use zhegai::ocr::ModelSize;
use zhegai::policy::Treatment;

/// What to examine, for whom, and how.
#[derive(Debug, Args)]
pub(crate) struct BatchArgs {
    /// Files, folders, ZIP archives or patterns: PDF, JPEG, PNG, TIFF, WebP, BMP, GIF
    #[arg(required = true, value_name = "INPUT")]
    pub(crate) inputs: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) applicant: ApplicantArgs,

    /// The applicants' own answers (CSV with the columns file, page, 是/否), to be compared with what is found
    #[arg(long, value_name = "CSV")]
    pub(crate) declarations: Option<PathBuf>,

    /// Rules: the name of a built-in policy (zhegai policy show) or a TOML file
    #[arg(long, default_value = "xinjiang-title-review", value_name = "NAME|FILE")]
    pub(crate) policy: String,

    /// Resolution at which PDF pages are examined and masked
    #[arg(long, default_value_t = 200, value_name = "DPI", value_parser = clap::value_parser!(u16).range(72..=600))]
    pub(crate) dpi: u16,

    /// Reading models: small reads doubtful lines a second time and with more care, tiny does not
    #[arg(long, value_enum, default_value_t = Ocr::Small, value_name = "SIZE")]
    pub(crate) ocr: Ocr,

    /// What is masked of a face: a bar over the eyes, or the whole face
    #[arg(long, value_enum, default_value_t = Face::Eyes, value_name = "PART")]
    pub(crate) face_mask: Face,

    /// Seals whose owner cannot be told: to be masked, looked at by a person, or kept
    /// [default: review in check, mask in mask]
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(crate) unreadable_seals: Option<UnreadableSeals>,

    /// Pages examined side by side [default: one a processor core]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) jobs: Option<u16>,

    /// Seconds that rendering a page, and then examining it, may take; a page that takes longer is unreadable
    #[arg(long, default_value_t = 120, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) page_timeout: u16,

    /// Tell the progress on the standard error as one JSON object a line, for other programs
    #[arg(long)]
    pub(crate) json_progress: bool,

    /// Replace files of an earlier run in the output folder; an input is never replaced
    #[arg(long)]
    pub(crate) force: bool,

    /// Make a report that can be handed on: names, units and what else was read are replaced by salted hashes
    /// (#3f9a51c2…), also in file names, and there are no pictures of pages
    #[arg(long)]
    pub(crate) redact_report: bool,
}

impl BatchArgs {
    /// One input with all options as they are when not typed, for commands that have none of their own.
    pub(crate) fn of(input: PathBuf) -> Self {
        Self {
            inputs: vec![input],
            applicant: ApplicantArgs::default(),
            declarations: None,
            policy: "xinjiang-title-review".to_owned(),
            dpi: 200,
            ocr: Ocr::Small,
            face_mask: Face::Eyes,
            unreadable_seals: None,
            jobs: None,
            page_timeout: 120,
            json_progress: false,
            force: false,
            redact_report: false,
        }
    }
}

/// Whose identity must not show.
#[derive(Debug, Default, Args)]
#[command(group = ArgGroup::new("whom").required(true).multiple(true))]
pub(crate) struct ApplicantArgs {
    /// The applicant's name
    #[arg(
        long,
        value_name = "NAME",
        group = "whom",
        value_parser = NonEmptyStringValueParser::new()
    )]
    pub(crate) name: Option<String>,

    /// The applicant's work unit, in full
    #[arg(long, value_name = "UNIT", group = "whom", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) unit: Option<String>,

    /// Another name or short form of the applicant or the unit; may be repeated. The English name of the unit cannot be
    /// derived: give it where papers have it, --alias "Third People's Hospital of Yunling", and the applicant's own
    /// where it is no pinyin. The unit's code (统一社会信用代码) is found when it is given here, too
    #[arg(long = "alias", value_name = "TEXT")]
    pub(crate) aliases: Vec<String>,

    /// A unit where the applicant worked before; may be repeated
    #[arg(long = "former-unit", value_name = "UNIT")]
    pub(crate) former_units: Vec<String>,

    /// List of applicants (CSV with the columns applicant_id, name, unit, aliases, former_units, photo) instead of
    /// one applicant; each applicant's files are in a folder named by the number: <applicant_id>/<category>/<file>
    #[arg(
        long,
        value_name = "CSV",
        group = "whom",
        conflicts_with_all = ["name", "unit", "aliases", "former_units"]
    )]
    pub(crate) roster: Option<PathBuf>,
}

impl ApplicantArgs {
    /// The applicant, checked.
    ///
    /// # Errors
    /// When nothing usable was given to look for.
    pub(crate) fn applicant(&self) -> zhegai::Result<Applicant> {
        Applicant {
            id: None,
            name: self.name.clone().unwrap_or_default(),
            unit: self.unit.clone().unwrap_or_default(),
            aliases: self.aliases.clone(),
            former_units: self.former_units.clone(),
        }
        .validated()
    }
}

/// Which reading models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Ocr {
    /// Everything with the tiny models.
    Tiny,
    /// Tiny first, small for what matters.
    Small,
}

impl From<Ocr> for ModelSize {
    fn from(ocr: Ocr) -> Self {
        match ocr {
            Ocr::Tiny => Self::Tiny,
            Ocr::Small => Self::Small,
        }
    }
}

/// What is masked of a face.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Face {
    /// A bar over both eyes.
    Eyes,
    /// From forehead to chin.
    Face,
}

impl From<Face> for FaceMask {
    fn from(face: Face) -> Self {
        match face {
            Face::Eyes => Self::Eyes,
            Face::Face => Self::Face,
        }
    }
}

/// What becomes of a seal whose owner cannot be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum UnreadableSeals {
    /// It counts as the unit's own.
    Mask,
    /// A person must look.
    Review,
    /// It stays.
    Keep,
}

impl From<UnreadableSeals> for Treatment {
    fn from(what: UnreadableSeals) -> Self {
        match what {
            UnreadableSeals::Mask => Self::Violation,
            UnreadableSeals::Review => Self::Review,
            UnreadableSeals::Keep => Self::Listed,
        }
    }
}
