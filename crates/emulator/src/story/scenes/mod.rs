//! The scenes: each tells one short story of sharing, in the words of deeds, and writes it into the plot.
//!
//! Everything that only one scene touches is made by it (files, folders, strangers), so scenes may be repeated with
//! other actors in any number without getting in each other's way.

mod alarms;
mod anyone_links;
mod classified;
mod downloads;
mod folders;
mod inside;
mod moving;
mod oddities;
mod people;
mod recipients;
mod sites;
mod timing;

use super::plot::Plot;

/// A scene.
type Scene = fn(&mut Plot<'_>);

/// Every scene, in the order in which they are played first.
const SCENES: [&[Scene]; 12] = [
    anyone_links::SCENES,
    recipients::SCENES,
    folders::SCENES,
    sites::SCENES,
    moving::SCENES,
    downloads::SCENES,
    classified::SCENES,
    people::SCENES,
    timing::SCENES,
    inside::SCENES,
    oddities::SCENES,
    alarms::SCENES,
];

/// The ordinary scenes: what happens most days, and so what is repeated most.
const ORDINARY: [Scene; 8] = [
    anyone_links::a_stranger_uses_a_link,
    recipients::three_people_and_one_comes,
    recipients::a_guest_works_on_a_file,
    recipients::an_invitation_to_a_file,
    folders::a_folder_is_shared,
    sites::a_guest_joins_a_site,
    downloads::a_document_is_opened_in_the_browser,
    classified::a_classified_file_is_shared,
];

/// Plays every scene once, then goes on (two ordinary scenes for each other one) until `events` are written.
pub(crate) fn play(plot: &mut Plot<'_>, events: usize) {
    let all: Vec<Scene> = SCENES.into_iter().flatten().copied().collect();
    all.iter().for_each(|scene| scene(plot));
    // Every scene writes at least one event, so this ends.
    while plot.events.len() < events {
        let scene = if plot.dice.below(3) < 2 { *plot.dice.pick(&ORDINARY) } else { *plot.dice.pick(&all) };
        scene(plot);
    }
}
