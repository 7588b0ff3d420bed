import { Ajv, type CodeOptions, type ErrorObject, type ValidateFunction } from 'ajv'
import type { Json, Schema } from '../model.ts'
import { CHECKS } from './formats.ts'
import { READY } from './ready.ts'

/** Words of ours that a schema may carry; editors and other validators ignore them. */
const OUR_WORDS = [
  'x-because', // on a branch with if/then: the reason why `then` holds, ends "… is needed because"
  'x-hint', // on a field: what to write, ends "… must be"
  'x-derived', // on a property: filled at intake where the file leaves it out
  'x-first', // on a list: its items count up to the first whose field of this name is true, no other is evaluated
  'x-names', // on an input of an action: what it names, threshold or metric
  'x-seen', // on a property: its schema after intake, where that differs
  'x-meant', // on an object: what is meant by keys of other formats, ends "here it is …"
  'markdownDescription',
  'defaultSnippets',
]

/** As every schema is compiled, also those that the build compiles. */
export function createAjv(code: CodeOptions): Ajv {
  const ajv = new Ajv({
    allErrors: true,
    verbose: true,
    strict: true,
    strictTypes: false,
    strictRequired: false,
    allowUnionTypes: true,
    ownProperties: true,
    useDefaults: true,
    logger: false,
    // A test holds our schemas against draft-07; what is left to do at every start is to compile them, and quickly.
    validateSchema: false,
    code: { optimize: false, ...code },
  })
  for (const [name, check] of Object.entries(CHECKS)) ajv.addFormat(name, check)
  ajv.addVocabulary(OUR_WORDS)
  return ajv
}

let ajv: Ajv | undefined

/** Several schemas may carry one $id (a pinned copy beside the shipped one): they are compiled without it. */
export function withoutId({ $id: _id, ...anonymous }: Schema): Schema {
  return anonymous
}

const compiled = new WeakMap<Schema, ValidateFunction>()

/** Validates against a draft-07 schema, filling in its defaults; all errors, [] where the value is valid. */
export function validate(schema: Schema, value: Json): readonly ErrorObject[] {
  let check = compiled.get(schema)
  if (check === undefined) {
    const anonymous = withoutId(schema)
    check = READY.get(JSON.stringify(anonymous)) ?? (ajv ??= createAjv({})).compile(anonymous)
    compiled.set(schema, check)
  }
  return check(value) ? [] : (check.errors ?? [])
}
