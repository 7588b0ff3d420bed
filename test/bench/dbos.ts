import { DBOS } from '@dbos-inc/dbos-sdk'
import pg from 'pg'
import type { Client } from 'pg'
import type { Place } from './place.ts'
import { EFFECT, READ } from './world.ts'

const VALUE = 'x'.repeat(40)

/** A workflow of durable steps by DBOS Transact, its system tables on the same server as ours. */
export interface Dbos {
  run(slug: string, steps: number): Promise<void>
  close(): Promise<void>
}

/**
 * @param client connection on which its steps do what ours do, in a transaction; the checkpoint is another one,
 * which is how a step of that library works: a crash between the two repeats the effect
 */
export async function startDbos(place: Place, client: Client): Promise<Dbos> {
  await place.superuser.query('CREATE DATABASE dbos_bench')
  const pool = new pg.Pool({ host: place.socket, port: 5432, user: 'postgres', database: 'dbos_bench', max: 10 })
  pool.on('error', () => undefined)
  const quiet = () => undefined
  DBOS.setConfig({
    name: 'bench', systemDatabasePool: pool, logLevel: 'error',
    logger: { debug: quiet, info: quiet, warn: quiet, error: (message: unknown) => console.error(message) } as never,
  })
  const workflow = DBOS.registerWorkflow(async (slug: string, steps: number) => {
    for (let n = 0; n < steps; n++) {
      const key = `${slug}-${n}`
      await DBOS.runStep(async () => {
        await client.query('BEGIN')
        await client.query(READ, [key])
        await client.query(EFFECT, [key, VALUE])
        const { rows } = await client.query<{ value: string }>(READ, [key])
        await client.query('COMMIT')
        return rows[0]?.value
      }, { name: `s${n}` })
    }
  }, { name: 'rows' })
  await DBOS.launch()
  return {
    run: (slug, steps) => workflow(slug, steps),
    close: async () => {
      await DBOS.shutdown()
      await pool.end().catch(() => undefined)
    },
  }
}
