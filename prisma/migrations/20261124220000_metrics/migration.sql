-- Sequences of a boot that were passed over and may still come (a connection that broke off).
ALTER TABLE "ReportCursor" ADD COLUMN "missing" INTEGER[] DEFAULT ARRAY[]::INTEGER[];

-- Traffic of one relay in one step of time; relay 0 is the DERP of this control plane. Partitioned by time: the control
-- plane makes partitions ahead and drops whole ones by retention, so nothing is ever deleted row by row.
CREATE TABLE relay_traffic_10s (
  relay_id INTEGER NOT NULL,
  at TIMESTAMPTZ NOT NULL,
  bytes_in BIGINT NOT NULL,
  bytes_out BIGINT NOT NULL,
  packets_in BIGINT NOT NULL,
  packets_out BIGINT NOT NULL,
  cpu_ms DOUBLE PRECISION NOT NULL,
  -- How much of the step reports speak of: a step without a row is a gap, not zero.
  covered_ms INTEGER NOT NULL,
  max_sessions INTEGER NOT NULL,
  -- Datagrams dropped, by reason.
  drops JSONB NOT NULL DEFAULT '{}',
  PRIMARY KEY (relay_id, at)
) PARTITION BY RANGE (at);
CREATE TABLE relay_traffic_1m (LIKE relay_traffic_10s INCLUDING ALL) PARTITION BY RANGE (at);
CREATE TABLE relay_traffic_15m (LIKE relay_traffic_10s INCLUDING ALL) PARTITION BY RANGE (at);
CREATE TABLE relay_traffic_1h (LIKE relay_traffic_10s INCLUDING ALL) PARTITION BY RANGE (at);

-- Adds two records of counts, reason by reason.
CREATE FUNCTION add_counts(a JSONB, b JSONB) RETURNS JSONB LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(jsonb_object_agg(key, total), '{}') FROM (
    SELECT key, sum(value::bigint) AS total FROM (SELECT * FROM jsonb_each_text(a) UNION ALL SELECT * FROM jsonb_each_text(b)) AS both_sides GROUP BY key
  ) AS sums
$$;

-- When an agent went away and came back: marks on its graph.
CREATE TABLE relay_presence (
  relay_id INTEGER NOT NULL,
  at TIMESTAMPTZ NOT NULL,
  online BOOLEAN NOT NULL,
  PRIMARY KEY (relay_id, at)
);
