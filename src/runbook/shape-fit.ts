import type { Schema } from '../model.ts'
import {
  alternativesOf, enumOf, kindsOf, mayBeNull, propertiesOf, type Shape, subschema, withoutNull,
} from './cel/shape.ts'
import { inWords, kindFits, requiredOf } from './fit.ts'

/** Why a value of this shape cannot stand where that schema is wanted, as far as that is known; undefined: it can. */
export function shapeMisfit(shape: Shape, wanted: Schema, optional: boolean): string | undefined {
  if (shape.optional && !optional) return 'this may be absent, and is needed: add .orValue(…)'
  if (shape.schema === undefined) return undefined
  // An optional that holds null is left out like an empty one.
  return schemaMisfit(shape.optional ? withoutNull(shape.schema) : shape.schema, wanted)
}

function schemaMisfit(given: Schema, wanted: Schema): string | undefined {
  const choice = alternativesOf(wanted)
  if (choice !== undefined && wanted['type'] === undefined) {
    const found = choice.map((one) => schemaMisfit(given, one))
    return found.includes(undefined) ? undefined : found[0]
  }
  const either = alternativesOf(given)
  if (either !== undefined && given['type'] === undefined) {
    return either.map((one) => schemaMisfit(one, wanted)).find((found) => found !== undefined)
  }
  const allowed = kindsOf(wanted)
  const kinds = kindsOf(given)
  if (allowed === undefined || kinds === undefined) return undefined
  if (mayBeNull(given) && !allowed.has('null')) {
    if (kinds.size === 1) return `${inWords(allowed)} is needed here, not null`
    return 'this may be null: give another value then, or read it with .?'
  }
  const unfit = [...kinds].filter((kind) => !kindFits(kind, allowed))
  if (unfit.length > 0) return `${inWords(allowed)} is needed here, not ${inWords(unfit)}`
  return enumMisfit(given, wanted) ?? partsMisfit(withoutNull(given), withoutNull(wanted))
}

function enumMisfit(given: Schema, wanted: Schema): string | undefined {
  const values = enumOf(given)
  const allowed = enumOf(wanted)
  const unfit = allowed && values?.filter((value) => !allowed.includes(value))
  if (unfit === undefined || unfit.length === 0) return undefined
  return `this may be ${unfit.join(', ')}, which is not one of ${allowed?.join(', ')}`
}

function partsMisfit(given: Schema, wanted: Schema): string | undefined {
  const [items, wantedItems] = [subschema(given['items']), subschema(wanted['items'])]
  if (items !== undefined && wantedItems !== undefined) return schemaMisfit(items, wantedItems)
  const fields = propertiesOf(given)
  const wantedFields = propertiesOf(wanted)
  if (fields === undefined || wantedFields === undefined) return undefined
  for (const key of requiredOf(wanted)) {
    if (requiredOf(given).includes(key)) continue
    if (Object.hasOwn(fields, key) || given['additionalProperties'] === false) {
      return `'${key}' is needed in it, and may be missing`
    }
  }
  for (const [key, field] of Object.entries(fields)) {
    const target = Object.hasOwn(wantedFields, key) ? wantedFields[key] : undefined
    if (target === undefined) {
      if (wanted['additionalProperties'] === false) return `it has a field '${key}', which is not taken here`
      continue
    }
    const inner = schemaMisfit(field, target)
    if (inner !== undefined) return `${key}: ${inner}`
  }
  return undefined
}
