import type { Proof } from '../login/types.ts'
import { NS } from './names.ts'
import { all, type Element, named } from './xml.ts'

/** By name; values of an attribute that comes twice are joined to one list. */
export function attributesOf(assertion: Element): Proof['attributes'] {
  const found = new Map<string, string[]>()
  for (const statement of named(assertion, NS.assertion, 'AttributeStatement')) {
    for (const attribute of named(statement, NS.assertion, 'Attribute')) {
      const name = attribute.attributes.get('Name') ?? ''
      const values = named(attribute, NS.assertion, 'AttributeValue')
        .filter(({ attributes }) => !['true', '1'].includes(attributes.get(`{${NS.instance}}nil`) ?? ''))
        .map((value) => [...all(value)].map(({ text }) => text).join('').trim())
      found.set(name, [...(found.get(name) ?? []), ...values])
    }
  }
  return Object.fromEntries(found)
}
