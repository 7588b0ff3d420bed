import { defineAction } from 'onboard/action'

/** Switches a fleet on or off. */
export default defineAction({
  title: 'Switches a fleet on or off.',
  example: { fleet: 'acme', on: true },
  input: {
    type: 'object', additionalProperties: false, required: ['fleet', 'on'],
    properties: { fleet: { type: 'string', description: 'Code of the fleet.' }, on: { type: 'boolean' } },
  },
  output: { type: 'object', additionalProperties: false, required: ['on'], properties: { on: { type: 'boolean' } } },
  where: 'database',
  owns: ({ fleet }) => [`fleet/${fleet}/on`],
  async check(read, { fleet }) {
    const row = await read.one<{ on: boolean }>('SELECT is_on AS on FROM fleets WHERE code = $1', [fleet])
    return { on: row?.on ?? null }
  },
  plan: ({ fleet, on }, seen) => (seen.on === on ? null : { target: `fleet ${fleet}`, before: { on: seen.on }, after: { on }, fleet }),
  async apply(write, change) {
    await write.run('UPDATE fleets SET is_on = $2 WHERE code = $1', [change.fleet, change.after.on])
  },
  outputs: ({ on }) => ({ on }),
  async undo(write, change) {
    await write.run('UPDATE fleets SET is_on = $2 WHERE code = $1', [change.fleet, change.before.on])
  },
})
