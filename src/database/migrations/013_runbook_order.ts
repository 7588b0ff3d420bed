/**
 * A compiled runbook keeps the order in which it was written: jsonb sorts the keys of a map, and people are asked for the
 * fields of a form in that order. What was pinned before stays as it is.
 */
export const sql = 'ALTER TABLE onboard.runbook ALTER COLUMN compiled TYPE json USING compiled::json'
