/**
 * scimmy-routers in a process of its own, with so many users in its memory: `node scimmy-child.ts COUNT`.
 * Ends with its input.
 */
import { randomUUID } from 'node:crypto'
import { scimmyServer } from '../identity/scim/scimmy.ts'

const server = await scimmyServer()
interface KeptUser extends Record<string, unknown> {
  readonly id: string
  readonly meta: { created: Date; lastModified: Date }
}
const users = server.kept.get('User') as Map<string, KeptUser>
for (let n = 0; n < Number(process.argv[2]); n++) {
  const [id, now, userName] = [randomUUID(), new Date(), `user${n}@customer.example`]
  users.set(id, {
    id, userName, externalId: `x${n}`, displayName: `User ${n}`, active: true,
    name: { givenName: 'User', familyName: String(n) },
    emails: [{ value: userName, type: 'work', primary: true }], meta: { created: now, lastModified: now },
  })
}
process.stdout.write(`${JSON.stringify({ url: server.url })}\n`)
process.stdin.resume().on('end', () => void server.close().then(() => process.exit(0)))
