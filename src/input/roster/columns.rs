//! A header row → which column holds what, by the headings that offices use.

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    Id,
    Name,
    Unit,
    Aliases,
    FormerUnits,
    Photo,
}

impl Field {
    const ALL: [Self; 6] = [Self::Id, Self::Name, Self::Unit, Self::Aliases, Self::FormerUnits, Self::Photo];

    /// Headings, folded as [`folded`] does. The first is the one that messages name.
    fn headings(self) -> &'static [&'static str] {
        match self {
            Self::Id => &[
                "applicantid",
                "id",
                "no",
                "number",
                "applicantno",
                "applicantnumber",
                "编号",
                "申报编号",
                "申报人编号",
                "申报号",
                "申请编号",
                "申报序号",
                "人员编号",
                "报名号",
                "序号",
            ],
            Self::Name => &["name", "applicantname", "fullname", "姓名", "申报人", "申报人姓名", "本人姓名"],
            Self::Unit => &[
                "unit",
                "workunit",
                "employer",
                "organization",
                "organisation",
                "工作单位",
                "单位",
                "单位名称",
                "工作单位名称",
                "现工作单位",
                "所在单位",
                "申报单位",
                "申报人单位",
            ],
            Self::Aliases => &[
                "aliases",
                "alias",
                "othernames",
                "formername",
                "formernames",
                "曾用名",
                "别名",
                "其他姓名",
                "其他名称",
                "又名",
                "英文名",
                "拼音",
                "简称",
                "单位简称",
                "单位别名",
            ],
            Self::FormerUnits => &[
                "formerunits",
                "formerunit",
                "previousunits",
                "previousunit",
                "formeremployers",
                "曾用单位",
                "原单位",
                "原工作单位",
                "曾工作单位",
                "曾任职单位",
                "以前单位",
                "历任单位",
                "前工作单位",
            ],
            Self::Photo => &["photo", "picture", "portrait", "照片", "相片", "本人照片", "一寸照片", "证件照", "近照"],
        }
    }

    /// Several columns may feed a list; a single value must have one.
    fn is_list(self) -> bool {
        matches!(self, Self::Aliases | Self::FormerUnits)
    }

    fn of(heading: &str) -> Option<Self> {
        let heading = folded(heading);
        Self::ALL.into_iter().find(|field| field.headings().contains(&heading.as_str()))
    }
}

/// A heading without remarks in brackets (“姓名（必填）”), spaces, punctuation and case.
pub(crate) fn folded(heading: &str) -> String {
    let before_remark = heading.split(['(', '（', '[', '【']).next().unwrap_or_default();
    before_remark.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Which columns hold which field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Columns(Vec<(usize, Field)>);

impl Columns {
    /// The known columns of a header; `Err` with a heading when a single value has two columns.
    pub(super) fn of(row: &[String]) -> Result<Self, &'static str> {
        let mut known: Vec<_> =
            row.iter().enumerate().filter_map(|(index, heading)| Some((index, Field::of(heading)?))).collect();
        // A running number is the applicant's number only where there is no better one.
        let is_running = |index: usize| folded(&row[index]) == "序号";
        if known.iter().any(|&(index, field)| field == Field::Id && !is_running(index)) {
            known.retain(|&(index, field)| field != Field::Id || !is_running(index));
        }
        let twice = Field::ALL
            .into_iter()
            .find(|&field| !field.is_list() && known.iter().filter(|(_, other)| *other == field).count() > 1);
        match twice {
            Some(field) => Err(field.headings()[0]),
            None => Ok(Self(known)),
        }
    }

    /// True when an applicant can be looked for with these columns.
    pub(super) fn is_usable(&self) -> bool {
        let has = |wanted| self.0.iter().any(|&(_, field)| field == wanted);
        has(Field::Id) && (has(Field::Name) || has(Field::Unit))
    }

    /// Known columns.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The field's values in a row, in the order of the columns; short rows have fewer.
    pub(super) fn values<'a>(&'a self, field: Field, row: &'a [String]) -> impl Iterator<Item = String> + 'a {
        self.0
            .iter()
            .filter(move |&&(_, other)| other == field)
            .filter_map(|&(index, _)| row.get(index))
            .map(|value| value.trim().to_owned())
    }
}
