DROP INDEX ops.runs_done_idx;
DROP INDEX ops.runs_job_started_at_idx;
