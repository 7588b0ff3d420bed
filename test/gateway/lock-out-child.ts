/**
 * A command of the lock-out test in a process of its own. Arguments: the story as JSON, the command, and the point at
 * which it kills itself: its name, or its number; empty: at none.
 */
import { writeSync } from 'node:fs'
import { openDatabase, resolveTarget } from '../../src/database/open.ts'
import { OnboardError } from '../../src/errors.ts'
import { carryOut, type Command, type Story } from './lock-out-story.ts'

const [story, command, at] = process.argv.slice(2) as [string, Command, string]
const database = await openDatabase(resolveTarget({ flag: undefined, env: process.env, config: undefined }))
let point = 0
writeSync(1, 'begun\n')
try {
  await carryOut(database, JSON.parse(story) as Story, command, (name) => {
    if (name === at || String(++point) === at) process.kill(process.pid, 'SIGKILL')
    writeSync(1, `${name}\n`)
  })
} catch (error) {
  // A command may say that it cannot do this now.
  if (!(error instanceof OnboardError)) throw error
}
await database.close()
