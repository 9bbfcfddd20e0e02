//! The pipeline that the program runs in, as far as its environment says so.

use super::output::note;
use crate::report::AzurePipeline;

/// The pipeline of Azure DevOps, where the program runs in one.
pub(super) fn azure_pipeline() -> Option<AzurePipeline> {
    #[expect(clippy::disallowed_methods, reason = "the environment is read in cli only")]
    let read = |name: &str| std::env::var(name).ok();
    if read("TF_BUILD").is_none_or(|set| !set.eq_ignore_ascii_case("true")) {
        return None;
    }
    let pipeline = identified(read);
    if let Err(missing) = &pipeline {
        note(&format!("note: TF_BUILD is set and {missing} is not, so SARIF names no pipeline"));
    }
    pipeline.ok()
}

/// The pipeline that these variables identify, or the first variable that is lacking.
fn identified(read: impl Fn(&str) -> Option<String>) -> Result<AzurePipeline, &'static str> {
    // Newer agents know phases by their jobs.
    let either = |name: &'static str, other| {
        let found = [name, other].into_iter().find_map(&read);
        found.filter(|value| !value.trim().is_empty()).ok_or(name)
    };
    let one = |name| either(name, name);
    let definition_id = either("SYSTEM_DEFINITIONID", "BUILD_DEFINITIONID")?;
    let phase_id = either("SYSTEM_PHASEID", "SYSTEM_JOBID")?;
    let run = [
        organization(&one("SYSTEM_COLLECTIONURI")?).to_owned(),
        one("SYSTEM_TEAMPROJECTID")?,
        definition_id.clone(),
        phase_id.clone(),
        one("BUILD_SOURCEBRANCH")?,
        one("BUILD_BUILDID")?,
    ];
    Ok(AzurePipeline {
        run: run.join("/"),
        definition_id,
        definition_name: one("BUILD_DEFINITIONNAME")?,
        phase_id,
        phase_name: either("SYSTEM_PHASENAME", "SYSTEM_JOBNAME")?,
    })
}

/// The organization in the address of a collection: the first folder, or of addresses that name it
/// in the host, the first part of that.
fn organization(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let folder = path.split('/').next().filter(|folder| !folder.is_empty());
    match host.strip_suffix(".visualstudio.com") {
        Some(name) => name.split('.').next().unwrap_or(name),
        None => folder.unwrap_or(host),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SET: [(&str, &str); 8] = [
        ("SYSTEM_COLLECTIONURI", "https://dev.azure.com/contoso/"),
        ("SYSTEM_TEAMPROJECTID", "11111111-1111-1111-1111-111111111111"),
        ("SYSTEM_DEFINITIONID", "12"),
        ("BUILD_DEFINITIONNAME", "go-live"),
        ("SYSTEM_JOBID", "22222222-2222-2222-2222-222222222222"),
        ("SYSTEM_PHASENAME", "check"),
        ("BUILD_SOURCEBRANCH", "refs/heads/main"),
        ("BUILD_BUILDID", "98"),
    ];

    #[test]
    fn a_pipeline_is_told_whole_or_not_at_all() {
        let read = |left_out: &'static str| {
            move |name: &str| {
                let found = SET.iter().find(|(known, _)| *known == name && name != left_out);
                found.map(|(_, value)| (*value).to_owned())
            }
        };
        let pipeline = identified(read("")).unwrap();
        assert_eq!(
            pipeline.run,
            "contoso/11111111-1111-1111-1111-111111111111/12/\
             22222222-2222-2222-2222-222222222222/refs/heads/main/98"
        );
        assert_eq!(pipeline.phase_name, "check");
        for (name, _) in SET {
            assert!(identified(read(name)).is_err(), "{name}");
        }
        assert_eq!(organization("https://contoso.visualstudio.com/"), "contoso");
    }
}
