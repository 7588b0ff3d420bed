import type { ValidateFunction } from 'ajv'

/**
 * Validators of shipped schemas, by the schema's JSON. A clone has none and compiles them; the build puts those of the
 * package in place of this file (build/validators.ts): to compile the two of a runbook takes 30 ms of processor time.
 */
export const READY: ReadonlyMap<string, ValidateFunction> = new Map()
