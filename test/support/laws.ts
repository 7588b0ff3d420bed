import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { createCatalogue } from '../../src/actions/catalogue.ts'
import type { Program, ProgramResult } from '../../src/contract.ts'
import { canonical } from '../../src/engine/digest.ts'
import { OnboardError } from '../../src/errors.ts'
import type { Json, JsonObject } from '../../src/model.ts'
import type { ProductConfig } from '../../src/product/port.ts'
import { misfits, withDefaults } from '../../src/runbook/fit.ts'
import { environmentOf, testDatabase } from './database.ts'
import { type AnyEffect, type Applied, createWorld, type World } from './world.ts'

/** One situation in which an effect has something to do. */
export interface Case {
  readonly input: JsonObject
  readonly product?: ProductConfig
  /** What is there before. */
  readonly given?: (world: World) => Promise<unknown>
  /** Columns that undo leaves as they are on purpose: facts that stay true. */
  readonly kept?: readonly string[]
  readonly exec?: (program: Program) => Promise<ProgramResult>
  /** How often the effect has happened outside the database. */
  readonly happened?: () => number
}

const SIMULATED = '2026-12-01T09:00:00Z'

/**
 * The seven laws of an effect, each case in databases of its own. Call it at the top of a test file.
 * @param name of the action, as a step's `uses` has it
 */
export function actionLaws(name: string, cases: Readonly<Record<string, Case>>): void {
  describe.each(Object.entries(cases))(`laws of ${name}: %s`, (_title, given) => {
    const law = (
      n: 1 | 2 | 3 | 4 | 5 | 6 | 7,
      says: string,
      work: (world: World, action: AnyEffect, input: never) => Promise<void>,
    ): void => {
      test(`${n}. ${says}`, async () => {
        const world = await prepared(given)
        const action = (await createCatalogue().load(name)) as unknown as AnyEffect
        const input = withDefaults(given.input as never, action.input as never) as never
        try {
          await work(world, action, input)
        } finally {
          await world.close()
        }
      })
    }

    law(1, 'check and plan write nothing', async (world, action, input) => {
      expect(misfits(input, action.input)).toEqual([])
      const before = await world.dump()
      const happened = given.happened?.()
      const seen = await world.reading((read) => action.check(read, input))
      action.plan(input, seen)
      expect(await world.dump()).toEqual(before)
      expect(given.happened?.()).toBe(happened)
    })

    law(2, 'plan is deterministic, and there is something to do', async (world, action, input) => {
      const first = await world.reading((read) => action.check(read, input))
      const second = await world.reading((read) => action.check(read, input))
      const change = action.plan(input, first)
      expect(change).not.toBeNull()
      expect(canonical(action.plan(input, second))).toBe(canonical(change))
      expect(canonical(action.plan(input, JSON.parse(JSON.stringify(first)) as never))).toBe(canonical(change))
    })

    law(3, 'after apply there is nothing to do', async (world, action, input) => {
      const { after, outputs } = await world.apply(action as never, input)
      expect(action.plan(input, after)).toBeNull()
      expect(misfits(outputs, action.output)).toEqual([])
      expect(action.plan(input, await world.reading((read) => action.check(read, input)))).toBeNull()
    })

    law(4, 'applying twice has one effect', async (world, action, input) => {
      const first = await world.apply(action as never, input)
      const once = await world.dump()
      const happened = given.happened?.()
      const again = await world.apply(action as never, input)
      expect(again.change).toBeNull()
      expect(again.secrets).toEqual([])
      expect(await world.dump()).toEqual(once)
      expect(given.happened?.()).toBe(happened)
      if (action.where === 'outside') return
      // The same change once more, as a process would do that had not looked again: refused or without effect.
      await world.apply(action as never, input, { change: first.change as never }).catch((error: unknown) => {
        if (!(error instanceof OnboardError) || error.kind !== 'conflict') throw error
      })
      expect(Object.entries(await world.dump()).map(([table, { rows }]) => [table, rows])).toEqual(
        Object.entries(once).map(([table, { rows }]) => [table, rows]),
      )
    })

    law(5, 'undo restores what was there', async (world, action, input) => {
      const before = await world.dump(given.kept)
      const applied = await world.apply(action as never, input)
      await world.undo(action as never, stored(applied))
      expect(canonical(await world.reading((read) => action.check(read, input)))).toBe(canonical(applied.seen))
      expect(await world.dump(given.kept)).toEqual(before)
    })

    law(
      6,
      'killed between apply and commit, a re-run converges with nothing doubled or lost',
      async (world, action, input) => {
        const before = await world.dump()
        const order = JSON.stringify({ action: name, input, product: given.product ?? { form: 'reference' } })
        const signal = await run(order, environmentOf(world.database))
        expect(signal).toBe('SIGKILL')
        if (action.where === 'database') expect(await world.dump()).toEqual(before)
        const { after, secrets } = await world.apply(action as never, input)
        expect(action.plan(input, after)).toBeNull()
        const calm = await prepared(given)
        const undisturbed = await calm.apply(action as never, input)
        expect(await counts(world)).toEqual(await counts(calm))
        if (action.where === 'database')
          expect(secrets.map((s) => s.name)).toEqual(undisturbed.secrets.map((s) => s.name))
        await calm.close()
      },
    )

    law(7, 'no secret is in what is kept or shown', async (world, action, input) => {
      const applied = await world.apply(action as never, input)
      for (const { name: secret } of applied.secrets) expect(action.issues).toContain(secret)
      const hidden = [...applied.secrets.map((s) => s.value.reveal()), ...(await hashes(world))]
      const shown = [JSON.stringify(applied), String(Object.values(applied))].join('\n')
      for (const secret of hidden) expect(shown).not.toContain(secret)
      const kept = JSON.stringify(
        await world.sql(
          `SELECT row_to_json(j) AS j FROM onboard.journal j
           UNION ALL SELECT row_to_json(d) FROM onboard.journal_detail d`,
        ),
      )
      for (const { value } of applied.secrets) expect(kept).not.toContain(value.reveal())
    })
  })
}

async function prepared(given: Case): Promise<World> {
  const world = await createWorld(await testDatabase({ simulated: SIMULATED }), given.product, given.exec)
  await given.given?.(world)
  return world
}

/** As the journal gives it back. */
function stored({ seen, change, after, ...rest }: Applied): Applied {
  return {
    ...rest,
    ...(JSON.parse(JSON.stringify({ seen, change, after })) as Pick<Applied, 'seen' | 'change' | 'after'>),
  }
}

async function counts(world: World): Promise<Json> {
  return Object.entries(await world.dump()).map(([table, { rows }]) => [table, rows])
}

/** Every hash of a secret in the product's tables. */
async function hashes(world: World): Promise<string[]> {
  const columns = await world.sql<{ t: string; c: string }>(
    `SELECT format('%I.%I', table_schema, table_name) AS t, column_name AS c FROM information_schema.columns
      WHERE table_schema <> 'onboard' AND data_type <> 'boolean'
        AND (column_name LIKE '%hash%' OR column_name LIKE '%digest%')`,
  )
  const found: string[] = []
  for (const { t, c } of columns) {
    for (const { v } of await world.sql<{ v: string }>(`SELECT "${c}"::text AS v FROM ${t} WHERE "${c}" IS NOT NULL`))
      found.push(v)
  }
  return found
}

const child = fileURLToPath(new URL('apply-then-die.ts', import.meta.url))

function run(order: string, env: Record<string, string>): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const started = execFile(
      process.execPath,
      [child, order],
      { env: { PATH: process.env['PATH'], ONBOARD_BCRYPT_COST: '4', ...env } },
      (_error, _out, stderr) => {
        if (started.signalCode === null) reject(new Error(`the process was not killed: ${stderr}`))
        else resolve(started.signalCode)
      },
    )
  })
}
