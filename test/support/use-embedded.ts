/** A command in miniature: opens the embedded database, says which server it got; `hold` stays connected. */
import { openDatabase } from '../../src/database/open.ts'

const database = await openDatabase({ kind: 'embedded', name: 'default' })
const client = await database.connect('app')
const { rows } = await client.query('SELECT pg_postmaster_start_time()::text AS started')
process.stdout.write(`${JSON.stringify({ label: database.label, ...rows[0] })}\n`)
if (process.argv[2] === 'hold') setInterval(() => {}, 60_000)
else {
  await client.end()
  await database.close()
}
