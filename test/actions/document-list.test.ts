import { expect, test } from 'vitest'
import invite from '../../src/actions/calendar/invite.ts'
import action from '../../src/actions/document/list.ts'
import { misfits } from '../../src/runbook/fit.ts'
import { testDatabase } from '../support/database.ts'
import { createWorld, openAcme } from '../support/world.ts'

test('lists what holds: the latest versions, without what was withdrawn or is left out', async () => {
  const world = await createWorld(await testDatabase({ simulated: '2026-12-01T09:00:00Z' }))
  try {
    await openAcme(world)
    const calendar = (name: string, date: string) => world.apply(invite as never, { name, title: 'Dates', events: [{ key: 'a', date }] })
    const look = async (input: { except?: string[] }) => {
      const outputs = action.outputs(input, await world.reading((read) => action.probe(read, input)))
      expect(misfits(outputs, action.output)).toEqual([])
      return outputs.documents.map(({ name, version }) => [name, version])
    }
    expect(await look({})).toEqual([])
    await calendar('one', '2027-01-01')
    const second = await calendar('one', '2027-01-02')
    await calendar('two', '2027-01-01')
    expect(await look({})).toEqual([['one', 2], ['two', 1]])
    expect(await look({ except: ['two'] })).toEqual([['one', 2]])
    expect(await look({ except: ['o*'] })).toEqual([['two', 1]])
    expect(await look({ except: ['on'] })).toEqual([['one', 2], ['two', 1]])
    await world.undo(invite as never, second)
    expect(await look({})).toEqual([['one', 1], ['two', 1]])
  } finally {
    await world.close()
  }
})
