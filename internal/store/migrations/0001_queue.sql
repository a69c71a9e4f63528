-- Times are unix milliseconds. Flags are 0 or 1. The types are those that
-- SQLite and PostgreSQL both take for what they are.

-- One row per delivery id: what was accepted. Payloads are not kept.
CREATE TABLE delivery (
    guid          TEXT   NOT NULL PRIMARY KEY,
    installation  BIGINT NOT NULL,
    event         TEXT   NOT NULL,
    action        TEXT   NOT NULL,
    repository_id BIGINT NOT NULL, -- 0: asked for no work
    number        BIGINT NOT NULL,
    received_at   BIGINT NOT NULL,
    outcome       TEXT   NOT NULL  -- queued | recorded
);
CREATE INDEX delivery_received_at ON delivery (received_at);

CREATE TABLE installation (
    id            BIGINT NOT NULL PRIMARY KEY,
    last_claim    BIGINT NOT NULL, -- a count, not a time: two claims never share one
    blocked_until BIGINT NOT NULL
);
CREATE INDEX installation_last_claim ON installation (last_claim, id);

-- One row per pull request. wanted counts the requests for a review, done is
-- the newest that was answered.
CREATE TABLE work (
    repository_id BIGINT NOT NULL,
    number        BIGINT NOT NULL,
    installation  BIGINT NOT NULL,
    repository    TEXT   NOT NULL,
    head          TEXT   NOT NULL,
    closed        BIGINT NOT NULL,
    wanted        BIGINT NOT NULL,
    done          BIGINT NOT NULL,
    state         TEXT   NOT NULL, -- idle | queued | running | dead
    run           TEXT   NOT NULL,
    run_wanted    BIGINT NOT NULL, -- the generation that run answers
    run_at        BIGINT NOT NULL,
    attempts      BIGINT NOT NULL, -- that ended with an error
    interruptions BIGINT NOT NULL, -- attempts whose process died or stalled
    owner         TEXT   NOT NULL,
    lease_until   BIGINT NOT NULL,
    fence         BIGINT NOT NULL,
    last_error    TEXT   NOT NULL,
    updated_at    BIGINT NOT NULL,
    PRIMARY KEY (repository_id, number)
);
CREATE INDEX work_queued  ON work (installation, run_at) WHERE state = 'queued';
CREATE INDEX work_running ON work (lease_until) WHERE state = 'running';
CREATE INDEX work_idle    ON work (updated_at) WHERE state = 'idle';

-- What the newest run of a pull request came to.
CREATE TABLE verdict (
    repository_id BIGINT NOT NULL,
    number        BIGINT NOT NULL,
    head          TEXT   NOT NULL,
    run           TEXT   NOT NULL,
    check_id      BIGINT NOT NULL,
    conclusion    TEXT   NOT NULL,
    published     TEXT   NOT NULL,
    updated_at    BIGINT NOT NULL,
    PRIMARY KEY (repository_id, number)
);
CREATE INDEX verdict_head ON verdict (repository_id, head);

-- Written by readiness checks: the proof that a write is possible.
CREATE TABLE readiness (
    id         BIGINT NOT NULL PRIMARY KEY,
    checked_at BIGINT NOT NULL
);
