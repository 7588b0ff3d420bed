import path from 'node:path'
import type { Place } from './place.ts'
import { must, run } from './program.ts'

let played: Promise<{ readonly database: string; readonly workspace: string }> | undefined

/**
 * The demo's customer `acme`, provisioned by the demo itself; gives the database's address and its workspace.
 * Once, whoever asks.
 */
export function example(place: Place, bin: string): Promise<{ readonly database: string; readonly workspace: string }> {
  return (played ??= play(place, bin))
}

async function play(place: Place, bin: string): Promise<{ database: string; workspace: string }> {
  await must([0], run(place, process.execPath, [bin, 'demo']))
  return { database: 'embedded:demo', workspace: path.join(place.folder, 'onboard-demo') }
}
