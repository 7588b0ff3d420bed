import type { Json, JsonObject } from './model.ts'

/**
 * The TypeScript type of a draft-07 schema, of the subset that actions use:
 * const, enum, type, properties, required, default, items.
 */
export type Infer<T> = T extends { readonly const: infer C }
  ? C
  : T extends { readonly enum: readonly (infer E)[] }
    ? E
    : T extends { readonly type: infer Y }
      ? Y extends readonly (infer One)[]
        ? OfType<One, T>
        : OfType<Y, T>
      : Json

type OfType<Y, T> = Y extends 'string'
  ? string
  : Y extends 'integer' | 'number'
    ? number
    : Y extends 'boolean'
      ? boolean
      : Y extends 'null'
        ? null
        : Y extends 'array'
          ? T extends { readonly items: infer I } ? readonly Infer<I>[] : readonly Json[]
          : Y extends 'object'
            ? OfObject<T>
            : never

type Required_<T> = T extends { readonly required: readonly (infer R)[] } ? R : never
type Sure<P, R> = { [K in keyof P]: K extends R ? K : P[K] extends { readonly default: unknown } ? K : never }[keyof P]
type OfObject<T> = T extends { readonly properties: infer P }
  ? { readonly [K in Sure<P, Required_<T>>]: Infer<P[K]> }
    & { readonly [K in Exclude<keyof P, Sure<P, Required_<T>>>]?: Infer<P[K]> }
  : T extends { readonly additionalProperties: infer A extends object }
    ? Readonly<Record<string, Infer<A>>>
    : JsonObject
