-- What the store knows of itself: tenant, configured domains, what is kept, the last revision.
CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;

-- Every string, once. `hash` is 8 bytes of BLAKE3, so that the index stays small; equal hashes are told apart by value.
CREATE TABLE text (id INTEGER PRIMARY KEY, hash INTEGER NOT NULL, value TEXT NOT NULL);
CREATE INDEX text_hash ON text (hash);

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
    name INTEGER,
    item_type INTEGER,
    site INTEGER,
    target INTEGER,
    target_kind INTEGER,
    link INTEGER,
    label INTEGER,
    site_label INTEGER,
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
    feeds INTEGER NOT NULL          -- bit set of feed ids
);
CREATE UNIQUE INDEX activity_key ON activity (key);
CREATE INDEX activity_access ON activity (person, item, time) WHERE action IS NOT NULL;
CREATE INDEX activity_zip ON activity (person, zip) WHERE zip IS NOT NULL;
CREATE INDEX activity_accept ON activity (id) WHERE accept = 1;

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

-- Records that could not be read at all, and what was odd about the others, in numbers.
CREATE TABLE rejected (hash BLOB PRIMARY KEY, feed INTEGER NOT NULL, arrived_at INTEGER NOT NULL, reason TEXT NOT NULL, data BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE problem (feed INTEGER NOT NULL, kind TEXT NOT NULL, records INTEGER NOT NULL, PRIMARY KEY (feed, kind)) WITHOUT ROWID;

-- A stream to be read, with its position on the service's own clock.
CREATE TABLE feed (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    source INTEGER NOT NULL,
    position INTEGER,
    last_pass_at INTEGER,
    last_error TEXT,
    listed INTEGER NOT NULL DEFAULT 0,
    stored INTEGER NOT NULL DEFAULT 0,
    known INTEGER NOT NULL DEFAULT 0,
    not_kept INTEGER NOT NULL DEFAULT 0,
    rejected INTEGER NOT NULL DEFAULT 0
);

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

-- Person and item whose accesses must be worked out again.
CREATE TABLE dirty (person INTEGER NOT NULL, item INTEGER NOT NULL, PRIMARY KEY (person, item)) WITHOUT ROWID;

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
    digest BLOB NOT NULL,
    revision INTEGER NOT NULL,
    concluded_at INTEGER NOT NULL,
    withdrawn INTEGER NOT NULL
);
CREATE INDEX access_key ON access (person, item);
CREATE INDEX access_time ON access (first_at);

-- A place where rows go, and up to where it was given rows.
CREATE TABLE sink (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    active INTEGER NOT NULL,
    access INTEGER NOT NULL,        -- which tables it takes
    activity INTEGER NOT NULL,
    gap INTEGER NOT NULL,
    accept INTEGER NOT NULL,
    revision_enqueued INTEGER NOT NULL DEFAULT 0,
    activity_enqueued INTEGER NOT NULL DEFAULT 0
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
