//! `schema`: what Azure has to be told so that our rows find their tables.

use std::io::Write;

use crate::cli::Schema;
use crate::exit::{Failure, Outcome};
use crate::schema;
use crate::stdout::stdout;

/// Prints the piece that was asked for.
///
/// # Errors
/// Standard output cannot be written to.
pub fn run(what: &Schema) -> Result<Outcome, Failure> {
    let text = match what {
        Schema::Columns => format!("{}\n", schema::columns()),
        Schema::Tables => format!("{}\n", schema::tables()),
        Schema::Rule { workspace, location } => format!("{}\n", schema::rule(workspace, location)),
        Schema::Template => format!("{}\n", schema::template()?),
        Schema::Bicep => schema::BICEP.to_owned(),
    };
    let mut output = stdout();
    output.write_all(text.as_bytes())?;
    output.flush()?;
    Ok(Outcome::Done)
}
