-- How each job stands, and its last success, without reading all that is done.
CREATE INDEX runs_job_started_at_idx ON ops.runs (job, started_at, id);
CREATE INDEX runs_done_idx ON ops.runs (job, finished_at) WHERE status = 'done';
