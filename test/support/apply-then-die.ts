/** A process that applies one action and is killed before the commit: argv[2] is the order as JSON. */
import { createCatalogue } from '../../src/actions/catalogue.ts'
import { createExec } from '../../src/adapters/exec.ts'
import { openDatabase, resolveTarget } from '../../src/database/open.ts'
import { createWorld } from './world.ts'

const order = JSON.parse(process.argv[2] as string) as { action: string; input: unknown; product: never }
const database = await openDatabase(resolveTarget({ env: process.env, config: 'embedded' } as never))
const world = await createWorld(database, order.product, createExec({ env: process.env, cwd: process.cwd() }))
const action = await createCatalogue().load(order.action)
await world.apply(action as never, order.input, { beforeCommit: () => process.kill(process.pid, 'SIGKILL') })
