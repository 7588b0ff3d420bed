/** Rolls a case back in a process of its own, which is killed. Arguments: the case as JSON, and the point as in child.ts. */
import { writeSync } from 'node:fs'
import { openDatabase, resolveTarget } from '../../src/database/open.ts'
import { workOn } from '../engine/world.ts'
import { rollBack, rollbackStory } from './rollback-story.ts'
import type { Case } from './story.ts'

const [given, at] = process.argv.slice(2) as [string, string]
const subject = JSON.parse(given) as Case
let point = 0
const setting = rollbackStory(subject, (name) => {
  point++
  if (Number(at) === 0) writeSync(1, `${name}\n`)
  if (point === Number(at)) process.kill(process.pid, 'SIGKILL')
})
const database = await openDatabase(resolveTarget({ flag: undefined, env: process.env, config: undefined }))
const work = workOn(database, subject.id, setting, subject.slug)
await rollBack(work)
writeSync(1, 'finished\n')
await work.close()
await database.close()
