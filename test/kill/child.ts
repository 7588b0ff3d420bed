/**
 * Applies or undoes a case in a process of its own, which is killed. Arguments: apply|undo, the case as JSON, and the
 * number of the point at which to kill itself; 0 = at none, but say every point on stdout.
 */
import { writeSync } from 'node:fs'
import { openDatabase, resolveTarget } from '../../src/database/open.ts'
import { apply } from '../../src/engine/apply.ts'
import { undo } from '../../src/engine/undo.ts'
import { workOn } from '../engine/world.ts'
import { story } from './story.ts'
import type { Case } from './story.ts'

const [what, given, at] = process.argv.slice(2) as [string, string, string]
const subject = JSON.parse(given) as Case
let point = 0
const setting = story(subject, (name) => {
  point++
  if (Number(at) === 0) writeSync(1, `${name}\n`)
  if (point === Number(at)) process.kill(process.pid, 'SIGKILL')
})
const database = await openDatabase(resolveTarget({ flag: undefined, env: process.env, config: undefined }))
const work = workOn(database, subject.id, setting, subject.slug)
if (what === 'apply') await apply(work)
else await undo(work, { phase: 'provision', step: null })
writeSync(1, 'finished\n')
await work.close()
await database.close()
