//! `doctor`: is everything that a pass needs there?

use std::io::{self, Write};

use super::{Context, until_interrupted};
use crate::cli;
use crate::doctor::{self, Finding, Verdict};
use crate::exit::{Failure, Outcome};
use crate::report::plain;
use crate::stdout::stdout;

/// Runs the command.
///
/// # Errors
/// Something does not work; the findings say what.
pub fn run(context: &Context, arguments: &cli::Doctor) -> Result<Outcome, Failure> {
    until_interrupted(async {
        let findings = examine(context).await?;
        print(&findings, arguments.json)?;
        conclude(&findings)
    })
}

async fn examine(context: &Context) -> Result<Vec<Finding>, Failure> {
    let (settings, fine) = match doctor::configuration(context.settings()) {
        Ok(read) => read,
        Err(finding) => return Ok(vec![finding]),
    };
    let stores = context.stores_to_look_at(&settings)?;
    let mut findings = vec![fine];
    findings.extend(doctor::examine(&settings, &stores).await?);
    Ok(findings)
}

fn conclude(findings: &[Finding]) -> Result<Outcome, Failure> {
    let of = |verdict| findings.iter().filter(|finding| finding.verdict == verdict).count();
    match (of(Verdict::Failed), of(Verdict::Warning)) {
        (0, 0) => Ok(Outcome::Done),
        (0, _) => Ok(Outcome::Partly),
        (failed, _) => Err(Failure::failed(format!("{failed} of {} checks failed", findings.len()))),
    }
}

fn print(findings: &[Finding], json: bool) -> io::Result<()> {
    let mut out = stdout();
    if json {
        serde_json::to_writer_pretty(&mut out, findings)?;
        writeln!(out)?;
        return out.flush();
    }
    for finding in findings {
        let verdict = match finding.verdict {
            Verdict::Fine => "fine       ",
            Verdict::Warning => "WARNING    ",
            Verdict::Failed => "FAILED     ",
            Verdict::NotChecked => "not checked",
        };
        let of = finding.tenant.as_ref().map(|tenant| format!("{tenant}: ")).unwrap_or_default();
        writeln!(out, "{verdict}  {of}{}: {}", finding.topic, plain(&finding.what))?;
        if let Some(why) = &finding.why {
            writeln!(out, "             because: {}", plain(why))?;
        }
        if let Some(remedy) = &finding.remedy {
            writeln!(out, "             remedy: {}", plain(remedy))?;
        }
        if finding.verdict != Verdict::Fine {
            writeln!(out, "             see {}", finding.guide)?;
        }
    }
    out.flush()
}
