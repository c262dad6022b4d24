-- What the store knows of itself: tenant, configured domains, what is kept, the last revision.
CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;

-- Every string, once. It is found by 16 bytes of its BLAKE3, which nobody can make two strings share, so that the string
-- itself is not read for that.
CREATE TABLE text (id INTEGER PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE text_hash (hash BLOB PRIMARY KEY, text INTEGER NOT NULL) WITHOUT ROWID;

-- One form of an actor, as records name it, and the verdict on it under the configured domains.
CREATE TABLE actor (
    id INTEGER PRIMARY KEY,
    form INTEGER NOT NULL,          -- text: the identifying key (form, user type, address of an anonymous one)
    user_id INTEGER,                -- text: `UserId` as received
    user_type INTEGER,
    ip INTEGER,                     -- text
    person INTEGER NOT NULL,        -- text: canonical identity
    domain INTEGER,                 -- text
    kind INTEGER NOT NULL,
    basis INTEGER,
    inside INTEGER NOT NULL         -- known to be inside
);
CREATE UNIQUE INDEX actor_form ON actor (form);
CREATE INDEX actor_person ON actor (person);
CREATE INDEX actor_domain ON actor (domain) WHERE domain IS NOT NULL;

-- One activity a record id. `key` = hour of the event (4 bytes) and 12 bytes of the id's hash: records of one time
-- stand together, so that looking one up or adding it touches pages that are warm.
CREATE TABLE activity (
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL,
    record_id BLOB NOT NULL,
    id_text INTEGER,                -- text, when the id is no GUID
    time INTEGER,                   -- milliseconds since 1970
    operation INTEGER,
    workload INTEGER,
    actor INTEGER NOT NULL,
    person INTEGER NOT NULL,
    item INTEGER,
    action INTEGER,                 -- set when the record makes an access
    exclusion INTEGER,              -- else why not
    extended INTEGER NOT NULL,
    accept INTEGER NOT NULL,        -- belongs into the MCAS_CL share report
    url INTEGER,
    path INTEGER,                   -- text: the normalised URL
    name INTEGER,
    item_type INTEGER,
    site INTEGER,
    roles INTEGER NOT NULL,         -- bits: 1 about sharing, 2 changed the item, 4 about its label, 8 made it, 16 about the
                                    -- label of its site, 32 changed it for whom it names, 64 tells of an anonymous visitor, 128 about what stands in it
    gesture INTEGER,                -- text: what the records of one click have in common, if about sharing
    target INTEGER,
    target_kind INTEGER,
    destination INTEGER,            -- text: normalised URL to which it was moved
    scope INTEGER,
    event_data INTEGER,
    link INTEGER,
    label INTEGER,
    site_label INTEGER,
    policies INTEGER,               -- text: content policies that matched, id and name, one a line
    changes INTEGER,                -- text: what an administrator of sites changed, one property a line
    ip INTEGER,
    client_kind INTEGER NOT NULL,
    user_agent INTEGER,
    app INTEGER,
    managed INTEGER,
    country INTEGER,
    city INTEGER,
    says_external INTEGER,
    zip INTEGER,
    own_zip INTEGER NOT NULL,
    correlation INTEGER,            -- text, of a record of a zip; of others, only the record has it
    session INTEGER,                -- as above
    feeds INTEGER NOT NULL,         -- bit set of feed ids
    revision INTEGER NOT NULL       -- of the transaction that wrote it last
);
CREATE UNIQUE INDEX activity_key ON activity (key);
-- By the id alone, where records of one id tell different hours: four bytes of its hash, so that the index stays small.
CREATE INDEX activity_id ON activity (substr(key, 5, 4));
CREATE INDEX activity_access ON activity (person, item, time) WHERE action IS NOT NULL;
CREATE INDEX activity_zip ON activity (person, zip) WHERE zip IS NOT NULL;
CREATE INDEX activity_gesture ON activity (gesture) WHERE gesture IS NOT NULL;
CREATE INDEX activity_about ON activity (item, time) WHERE roles & 1;
CREATE INDEX activity_link ON activity (link, time) WHERE link IS NOT NULL AND action IS NOT NULL;
CREATE INDEX activity_changed ON activity (path, time) WHERE roles & 2;
CREATE INDEX activity_item_changed ON activity (item, time) WHERE roles & 2;
CREATE INDEX activity_named ON activity (target) WHERE roles & 32;
CREATE INDEX activity_made ON activity (item, time) WHERE roles & 8;
CREATE INDEX activity_label ON activity (item, time) WHERE label IS NOT NULL OR roles & 4;
CREATE INDEX activity_site_label ON activity (site, time) WHERE site_label IS NOT NULL OR roles & 16;
CREATE INDEX activity_visit ON activity (person, time) WHERE roles & 64;
CREATE INDEX activity_redeem ON activity (person, time) WHERE action = 7;
CREATE INDEX activity_door ON activity (path, time) WHERE action = 7;
CREATE INDEX activity_door_item ON activity (item, time) WHERE action = 7;
CREATE INDEX activity_content ON activity (item, time) WHERE roles & 128;
CREATE INDEX activity_name ON activity (name) WHERE action IS NOT NULL OR roles & 1;
CREATE INDEX activity_accept ON activity (time) WHERE accept = 1;
CREATE INDEX activity_administration ON activity (revision) WHERE changes IS NOT NULL;
CREATE INDEX activity_exclusion ON activity (exclusion, time) WHERE exclusion IS NOT NULL;

-- Record ids that are no GUIDs, by what stands for them.
CREATE TABLE odd_id (record_id BLOB PRIMARY KEY, id_text INTEGER NOT NULL) WITHOUT ROWID;

-- Whom a sharing record was aimed at: usually one, several where contents under one id differ.
CREATE TABLE target (activity INTEGER NOT NULL, name INTEGER NOT NULL, kind INTEGER NOT NULL, PRIMARY KEY (activity, name, kind)) WITHOUT ROWID;

-- Where items that outsiders reached have been, by normalised URL: what lies below a folder is a range.
CREATE TABLE place (path TEXT NOT NULL, item INTEGER NOT NULL, PRIMARY KEY (path, item)) WITHOUT ROWID;
CREATE INDEX place_item ON place (item);

-- Records as received, many in one compressed block.
CREATE TABLE block (id INTEGER PRIMARY KEY, raw_bytes INTEGER NOT NULL, data BLOB NOT NULL);

-- A sighting: this content of this activity arrived by this feed; where its bytes are.
CREATE TABLE record (
    activity INTEGER NOT NULL,
    hash BLOB NOT NULL,
    feed INTEGER NOT NULL,
    block INTEGER NOT NULL,
    start INTEGER NOT NULL,
    length INTEGER NOT NULL,
    PRIMARY KEY (activity, hash, feed)
) WITHOUT ROWID;

-- De-duplication of records that were not kept: key as in `activity`, and the day of arrival (since 1970).
CREATE TABLE seen (key BLOB PRIMARY KEY, day INTEGER NOT NULL) WITHOUT ROWID;

-- What was not kept, in numbers; and the labels that those records saw.
CREATE TABLE dropped (day INTEGER NOT NULL, operation INTEGER NOT NULL, records INTEGER NOT NULL, PRIMARY KEY (day, operation)) WITHOUT ROWID;
CREATE TABLE label_sighting (item INTEGER NOT NULL, label INTEGER NOT NULL, day INTEGER NOT NULL, PRIMARY KEY (item, label, day)) WITHOUT ROWID;

-- Labels as the directory called them from when to when; the last name of one that is gone stays.
CREATE TABLE label_name (
    label TEXT NOT NULL,
    from_at INTEGER NOT NULL,
    to_at INTEGER,
    name TEXT NOT NULL,
    parent TEXT,
    place INTEGER,                  -- its order: the higher, the more sensitive
    PRIMARY KEY (label, from_at)
) WITHOUT ROWID;
-- Domains that the directory has ever called the tenant's own; when either was last asked for.
CREATE TABLE own_domain (domain TEXT PRIMARY KEY, seen_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE directory_read (
    what TEXT PRIMARY KEY,
    read_at INTEGER,                -- when it last answered
    asked_at INTEGER NOT NULL,
    error TEXT                      -- why it did not when it was asked last, in words
) WITHOUT ROWID;

-- Records that were not taken, as many of a feed as fit its limits; further ones in numbers.
-- With row ids: without, each row of more than a quarter of a page would take a page of its own.
CREATE TABLE rejected (
    hash BLOB PRIMARY KEY NOT NULL,
    feed INTEGER NOT NULL,
    arrived_at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    place TEXT NOT NULL,            -- where it stood, for people
    data BLOB NOT NULL              -- its beginning, compressed
);
CREATE TABLE rejected_more (feed INTEGER NOT NULL, reason TEXT NOT NULL, records INTEGER NOT NULL, PRIMARY KEY (feed, reason)) WITHOUT ROWID;

-- What was odd about records that were taken, in numbers.
CREATE TABLE problem (feed INTEGER NOT NULL, kind TEXT NOT NULL, records INTEGER NOT NULL, PRIMARY KEY (feed, kind)) WITHOUT ROWID;

-- A stream to be read, with its position on the service's own clock.
CREATE TABLE feed (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    source INTEGER NOT NULL,
    position INTEGER,
    scope TEXT,                     -- what it was asked for: a list, JSON; the position holds for all of it
    last_pass_at INTEGER,
    ended_at INTEGER,               -- when a pass last came to its end, well or not
    last_error TEXT,
    listed INTEGER NOT NULL DEFAULT 0,
    stored INTEGER NOT NULL DEFAULT 0,
    known INTEGER NOT NULL DEFAULT 0,
    not_kept INTEGER NOT NULL DEFAULT 0,
    rejected INTEGER NOT NULL DEFAULT 0,
    rejected_kept INTEGER NOT NULL DEFAULT 0,       -- rows of `rejected`
    rejected_kept_bytes INTEGER NOT NULL DEFAULT 0  -- and the size of their data
);

-- What arrived on each day (since 1970), and what became of it: listed = stored + known + not_kept + rejected.
CREATE TABLE arrived (
    day INTEGER NOT NULL,
    feed INTEGER NOT NULL,
    listed INTEGER NOT NULL,
    stored INTEGER NOT NULL,
    known INTEGER NOT NULL,
    not_kept INTEGER NOT NULL,
    rejected INTEGER NOT NULL,
    PRIMARY KEY (day, feed)
) WITHOUT ROWID;

-- Of the audit feed: up to where its content was listed, and when its subscription was last started.
CREATE TABLE audit_feed (feed INTEGER PRIMARY KEY, listed_to INTEGER, started_at INTEGER);

-- Its blobs, from when they are listed for as long as they can be listed again.
CREATE TABLE blob (
    feed INTEGER NOT NULL,
    key BLOB NOT NULL,              -- 16 bytes that stand for `contentId`
    uri TEXT NOT NULL,              -- while it waits
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    state INTEGER NOT NULL,         -- 0 waits, 1 read, 2 lost
    failures INTEGER NOT NULL DEFAULT 0,
    tried INTEGER NOT NULL DEFAULT 0,  -- revision of the transaction that noted the latest failure
    error TEXT,                     -- that failure, in words
    PRIMARY KEY (feed, key)
) WITHOUT ROWID;
CREATE INDEX blob_waits ON blob (feed, created_at) WHERE state = 0;

-- Up to where an older range of a feed, by its beginning, was read when it was interrupted.
CREATE TABLE backfill (feed INTEGER NOT NULL, from_time INTEGER NOT NULL, reached INTEGER NOT NULL, PRIMARY KEY (feed, from_time)) WITHOUT ROWID;

-- Queries that a service works on for a feed: a hash of what each asks for, its id there.
CREATE TABLE query (feed INTEGER NOT NULL, key BLOB NOT NULL, query_id TEXT NOT NULL, begun_at INTEGER NOT NULL, PRIMARY KEY (feed, key)) WITHOUT ROWID;

-- A span of a feed that can no longer be had.
CREATE TABLE gap (
    id INTEGER PRIMARY KEY,
    gap_id BLOB NOT NULL UNIQUE,
    feed INTEGER NOT NULL,
    from_time INTEGER NOT NULL,
    to_time INTEGER NOT NULL,
    reason TEXT NOT NULL,
    revision INTEGER NOT NULL
);

-- What must be worked out again, in this order: what a gesture says of links, the shares of a link, the accesses of
-- a person on an item that began in a span (milliseconds since 1970), the row of a share (its uses and its classification).
CREATE TABLE dirty_gesture (gesture INTEGER PRIMARY KEY);
CREATE TABLE dirty_link (link INTEGER PRIMARY KEY);
CREATE TABLE dirty (
    person INTEGER NOT NULL,
    item INTEGER NOT NULL,
    from_at INTEGER NOT NULL,
    to_at INTEGER NOT NULL,
    PRIMARY KEY (person, item, from_at)
) WITHOUT ROWID;
CREATE TABLE dirty_share (share INTEGER PRIMARY KEY);

-- Which gestures tell of a link, and what they tell (JSON), so that a link is concluded without reading their records again.
CREATE TABLE link_gesture (link INTEGER NOT NULL, gesture INTEGER NOT NULL, events BLOB NOT NULL, PRIMARY KEY (link, gesture)) WITHOUT ROWID;
CREATE INDEX link_of_gesture ON link_gesture (gesture);

-- What gestures tell that makes no way in for outsiders, in numbers.
CREATE TABLE excluded_share (gesture INTEGER NOT NULL, reason TEXT NOT NULL, time INTEGER NOT NULL, records INTEGER NOT NULL, PRIMARY KEY (gesture, reason, time)) WITHOUT ROWID;

-- Invited under one address, accepted with another: two persons, and an edge between them.
CREATE TABLE alias (gesture INTEGER NOT NULL, invited INTEGER NOT NULL, accepted INTEGER NOT NULL, PRIMARY KEY (gesture, invited, accepted)) WITHOUT ROWID;
CREATE INDEX alias_invited ON alias (invited);
CREATE INDEX alias_accepted ON alias (accepted);

-- Ways in. `body` is the share as `trail` concluded it, JSON; `digest` is of the row as delivered.
CREATE TABLE share (
    id INTEGER PRIMARY KEY,
    share_id INTEGER NOT NULL UNIQUE,   -- text
    link INTEGER NOT NULL,              -- text
    item INTEGER NOT NULL,              -- text
    recipient INTEGER NOT NULL,         -- text; 0 for anyone and for groups
    domain INTEGER,                     -- text: the recipient's
    outside INTEGER NOT NULL,           -- for outsiders, for anyone, or for a group that may hold some
    used INTEGER NOT NULL DEFAULT 0,    -- redeemed, accepted or matched by an access, as its row says
    body BLOB NOT NULL,
    extra BLOB,                         -- its uses and its classification, JSON
    digest BLOB NOT NULL,
    first_sign_at INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    concluded_at INTEGER NOT NULL,
    withdrawn INTEGER NOT NULL
);
CREATE INDEX share_link ON share (link);
CREATE INDEX share_item ON share (item, recipient);
-- What has changed since a moment, for the rules of alerts.
CREATE INDEX share_revision ON share (revision);
CREATE INDEX share_time ON share (first_sign_at);
CREATE INDEX share_unused ON share (first_sign_at) WHERE withdrawn = 0 AND outside = 1 AND used = 0;
CREATE INDEX share_recipient ON share (recipient) WHERE withdrawn = 0;
CREATE INDEX share_domain ON share (domain) WHERE withdrawn = 0;

-- Where a share's item was when, and for whom it opens: what covers a path is found by its ancestors.
CREATE TABLE share_place (path TEXT NOT NULL, recipient INTEGER NOT NULL, share INTEGER NOT NULL, PRIMARY KEY (path, recipient, share)) WITHOUT ROWID;
CREATE INDEX place_of_share ON share_place (share);

-- Where an inventory listed somebody (0: anyone) as having a way in, whether or not records explain it: what covers it, or
-- lies above it, is found by its path.
CREATE TABLE listed (recipient INTEGER NOT NULL, path TEXT NOT NULL, link INTEGER NOT NULL, item INTEGER NOT NULL, PRIMARY KEY (recipient, path, link)) WITHOUT ROWID;
CREATE INDEX listed_item ON listed (item, recipient);

-- Spans on a service's clock that were read without a gap.
CREATE TABLE observed (feed INTEGER NOT NULL, from_time INTEGER NOT NULL, to_time INTEGER NOT NULL, PRIMARY KEY (feed, from_time)) WITHOUT ROWID;

-- Conclusions. `digest` tells whether a recomputed row differs from the delivered one.
CREATE TABLE access (
    id INTEGER PRIMARY KEY,
    access_id BLOB NOT NULL UNIQUE,
    person INTEGER NOT NULL,
    item INTEGER NOT NULL,
    action INTEGER NOT NULL,
    first_activity INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    records INTEGER NOT NULL,
    kind INTEGER NOT NULL,          -- of the person, and the next three: of its first record, as the row shows them
    domain INTEGER,                 -- text
    site INTEGER,                   -- text
    country INTEGER,                -- text
    share INTEGER,                  -- the share it came through
    match BLOB,                     -- how it was matched and whether it was classified, JSON
    unexplained INTEGER NOT NULL DEFAULT 0,  -- 1 no known share that would let it in, 2 perhaps made before we looked
    classified INTEGER,
    digest BLOB NOT NULL,
    revision INTEGER NOT NULL,
    concluded_at INTEGER NOT NULL,
    withdrawn INTEGER NOT NULL
);
CREATE INDEX access_key ON access (person, item, last_at);
CREATE INDEX access_person ON access (person, first_at);
CREATE INDEX access_item ON access (item, first_at);
CREATE INDEX access_revision ON access (revision);
-- All that lists count of an access, so that a month of them is counted without a look at the rows.
CREATE INDEX access_time ON access
    (first_at, withdrawn, person, item, action, kind, domain, last_at, classified, unexplained, country, site);
CREATE INDEX access_share ON access (share, first_at, last_at) WHERE share IS NOT NULL AND withdrawn = 0;
CREATE INDEX access_unexplained ON access (unexplained, first_at) WHERE unexplained > 0;

-- A place where rows go, and up to where it was given rows.
CREATE TABLE sink (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    active INTEGER NOT NULL,
    tables INTEGER NOT NULL DEFAULT 0,          -- which tables it takes: bits by their numbers
    last_confirmed_at INTEGER,                  -- when it last took rows
    failing_since INTEGER,                      -- when deliveries began to fail, if the latest one did
    last_error TEXT,                            -- why that one did
    revision_enqueued INTEGER NOT NULL DEFAULT 0
);

-- Rows that a sink has not confirmed: no copy, only which row in which revision.
CREATE TABLE outbox (sink INTEGER NOT NULL, tab INTEGER NOT NULL, row INTEGER NOT NULL, revision INTEGER NOT NULL, PRIMARY KEY (sink, tab, row)) WITHOUT ROWID;

-- Rows that a sink will never take.
CREATE TABLE dead_letter (
    sink INTEGER NOT NULL,
    tab INTEGER NOT NULL,
    row INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    reason TEXT NOT NULL,
    set_aside_at INTEGER NOT NULL,
    PRIMARY KEY (sink, tab, row)
) WITHOUT ROWID;

-- What the rules found. `body` is the finding, JSON.
CREATE TABLE finding (
    id INTEGER PRIMARY KEY,
    finding_id BLOB NOT NULL UNIQUE,
    rule TEXT NOT NULL,
    severity TEXT NOT NULL,
    about TEXT NOT NULL,            -- id of the access, the share, …
    concerns TEXT NOT NULL,         -- the person, the item, …: told once in a while
    at INTEGER NOT NULL,            -- when it happened
    found_at INTEGER NOT NULL,
    withdrawn INTEGER NOT NULL,     -- what it rests on no longer holds
    telling TEXT NOT NULL,          -- `told`: by webhooks; else why not
    body BLOB NOT NULL
);
CREATE INDEX finding_about ON finding (about);
CREATE INDEX finding_concerns ON finding (rule, concerns, found_at);
CREATE INDEX finding_found ON finding (found_at);

-- Of whom webhooks have not been told: a finding, or the digest of a span.
CREATE TABLE notice (
    id INTEGER PRIMARY KEY,
    webhook TEXT NOT NULL,
    finding INTEGER,
    from_at INTEGER,
    to_at INTEGER,
    queued_at INTEGER NOT NULL
);
CREATE INDEX notice_finding ON notice (finding) WHERE finding IS NOT NULL;
CREATE INDEX notice_webhook ON notice (webhook, id);
