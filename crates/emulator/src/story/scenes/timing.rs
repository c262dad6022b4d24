//! Records that come late, out of order, or at the edge of the five minutes.

use super::Scene;
use super::recipients::SECURE_LINK_USED;
use crate::story::clock::{DAY, HOUR, MINUTE, SECOND};
use crate::story::deed::Deed;
use crate::story::event::Event;
use crate::story::plot::Plot;

pub(super) const SCENES: &[Scene] =
    &[an_access_comes_late, an_access_overtakes_its_share, around_five_minutes, for_hours, a_share_from_before];

fn an_access_comes_late(plot: &mut Plot<'_>) {
    let t = plot.moment(20 * HOUR);
    let owner = plot.employee();
    let file = plot.file(&owner.onedrive);
    let outsider = plot.outsider();
    let share = plot.shares_with(owner, &file, &[outsider.in_directory()], t).first().copied();
    let visit = plot.visit(&outsider.guest, &outsider.client, &file, share);
    let late = |delay_ms: i64| move |event| Event { delay_ms: Some(delay_ms), ..event };
    let records = [
        plot.does_with(&visit, Deed::Open, t + HOUR, late(5 * DAY)),
        plot.does_with(&visit, Deed::Download, t + 2 * HOUR, late(11 * HOUR)),
    ];
    plot.awkward("late_record", "Defender stores the record hours or days after the event", &records);
}

fn an_access_overtakes_its_share(plot: &mut Plot<'_>) {
    let t = plot.moment(20 * HOUR);
    let owner = plot.employee();
    let file = plot.file(&owner.onedrive);
    let outsider = plot.outsider();
    let from = plot.events.len();
    let share = plot.shares_with(owner, &file, &[outsider.by_address()], t).first().copied();
    plot.events.iter_mut().skip(from).for_each(|event| event.delay_ms = Some(16 * HOUR));
    let visit = plot.visit(&outsider.passcode, &outsider.client, &file, share);
    let mut records = plot.redeems(&visit, SECURE_LINK_USED, t + HOUR);
    records.push(plot.does(&visit, Deed::Open, t + HOUR));
    plot.awkward("access_before_its_share", "the records of the access arrive before those of the share", &records);
}

fn around_five_minutes(plot: &mut Plot<'_>) {
    let t = plot.moment(6 * HOUR);
    let owner = plot.employee();
    let file = plot.file(&owner.onedrive);
    let outsider = plot.outsider();
    let share = plot.shares_with(owner, &file, &[outsider.in_directory()], t).first().copied();
    let visit = plot.visit(&outsider.guest, &outsider.client, &file, share);
    let start = t + HOUR;
    let joined = [plot.does(&visit, Deed::Open, start), plot.does(&visit, Deed::Open, start + 5 * MINUTE)];
    let apart = plot.does(&visit, Deed::Open, start + 12 * MINUTE);
    plot.awkward("exactly_five_minutes", "a pause of exactly five minutes is still one access", &joined);
    plot.awkward("seven_minutes", "a pause of seven minutes makes two accesses", &[joined[1], apart]);
    // Two actions side by side are two accesses.
    plot.does(&visit, Deed::Preview, start + SECOND);
    plot.does(&visit, Deed::Download, start + 2 * SECOND);
}

fn for_hours(plot: &mut Plot<'_>) {
    let t = plot.moment(18 * HOUR);
    let owner = plot.employee();
    let file = plot.file(&owner.onedrive);
    let outsider = plot.outsider();
    let share = plot.shares_with(owner, &file, &[outsider.in_directory()], t).first().copied();
    let visit = plot.visit(&outsider.guest, &outsider.client, &file, share);
    let start = t + HOUR;
    let mut records = vec![plot.does(&visit, Deed::Open, start)];
    for hours in [2, 4, 7] {
        records.push(plot.does(&visit, Deed::KeepOpen, start + hours * HOUR));
    }
    plot.awkward("extended_for_hours", "FileAccessedExtended continues an access for up to three hours each", &records);
    let alone = plot.does(&visit, Deed::KeepOpen, start + 11 * HOUR);
    plot.awkward(
        "extended_alone",
        "an Extended record whose beginning is too long ago is an access of its own",
        &[alone],
    );
}

fn a_share_from_before(plot: &mut Plot<'_>) {
    let t = plot.moment(6 * HOUR);
    let owner = plot.employee();
    let file = plot.file(&owner.onedrive);
    let outsider = plot.outsider();
    let (link, shared_at) = (plot.dice.guid(), plot.window.begin_ms - 40 * DAY);
    let person = Some(&*outsider.address);
    let share = plot.share(link.to_string(), "specific_people", person, file.id(), owner, shared_at);
    let visit = plot.visit(&outsider.guest, &outsider.client, &file, Some(share));
    let records = [
        plot.does(&visit, Deed::Open, t + HOUR),
        plot.does(&visit, Deed::Download, t + HOUR + 10 * SECOND),
        plot.does(&visit, Deed::Open, t + 3 * HOUR),
    ];
    plot.awkward("share_from_before", "the share is older than everything that can still be read", &records);
}
