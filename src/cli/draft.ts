import { randomBytes } from 'node:crypto'
import { link, rename, rm, writeFile } from 'node:fs/promises'
import { readRegularFile } from '../adapters/files.ts'
import { OnboardError } from '../errors.ts'
import type { Json } from '../model.ts'
import type { Answers } from '../onboarding/intake-questions.ts'

const MOST = 1024 * 1024

/** The answers of a draft; undefined where there is none. Throws invalid where the file is something else. */
export async function readDraft(path: string, shown: string): Promise<Answers | undefined> {
  const file = await readRegularFile(path, shown, MOST).catch((error: unknown) => {
    const cause = error instanceof OnboardError ? (error.cause as NodeJS.ErrnoException | undefined) : undefined
    if (cause?.code === 'ENOENT') return undefined
    throw error
  })
  if (file === undefined) return undefined
  try {
    const { answers } = JSON.parse(Buffer.from(file.bytes).toString('utf8')) as { answers: unknown }
    if (typeof answers === 'object' && answers !== null && !Array.isArray(answers)) {
      return answers as Record<string, Json>
    }
  } catch {
    // Said below: it is not what was written.
  }
  const message = `${shown} is no draft of a handoff: take it away, or give another file`
  throw new OnboardError('invalid', 'no-draft', message, {
    suggestions: ['onboard handoff new --file OTHER.yaml'],
  })
}

/** Writes it anew, whole or not at all, readable by its owner only: it names people. */
export async function writeDraft(path: string, answers: Answers): Promise<void> {
  const beside = `${path}.${randomBytes(6).toString('hex')}`
  try {
    await writeFile(beside, `${JSON.stringify({ answers }, null, 1)}\n`, { flag: 'wx', mode: 0o600 })
    await rename(beside, path)
  } finally {
    await rm(beside, { force: true })
  }
}

/**
 * Puts a new file in place; throws conflict where something stands there, which stays.
 * @param again what is to be typed then
 */
export async function writeNew(path: string, shown: string, bytes: string | Uint8Array, again: string): Promise<void> {
  const beside = `${path}.${randomBytes(6).toString('hex')}`
  try {
    await writeFile(beside, bytes, { flag: 'wx' })
    // Unlike a rename, a link does not replace what has come there meanwhile.
    await link(beside, path)
  } catch (cause) {
    const taken = (cause as NodeJS.ErrnoException).code === 'EEXIST'
    const message = taken ? `${shown} is there already` : `${shown} cannot be written: ${(cause as Error).message}`
    const [kind, code] = taken ? (['conflict', 'file-exists'] as const) : (['failed', 'not-written'] as const)
    throw new OnboardError(kind, code, `${message}; nothing was written`, { cause, suggestions: [again] })
  } finally {
    await rm(beside, { force: true })
  }
}
