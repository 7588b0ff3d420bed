/** A filter, parsed (RFC 7644 §3.4.2.2). */
export type Comparison = 'eq' | 'ne' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le'
export type Literal = string | number | boolean | null

export type Filter =
  | { readonly kind: 'and' | 'or'; readonly of: readonly Filter[] }
  | { readonly kind: 'not'; readonly of: Filter }
  | { readonly kind: 'present'; readonly path: string }
  | { readonly kind: 'compare'; readonly path: string; readonly op: Comparison; readonly value: Literal }
  /** One and the same element of `path` meets all of `of`, whose paths are below it. */
  | { readonly kind: 'element'; readonly path: string; readonly of: Filter }

/** `emails[type eq "work"].value`: a path as PATCH and Entra ID's filters write it. */
export interface Path {
  readonly path: string
  readonly where: Filter | null
  /** What stands after the bracket. */
  readonly sub: string | null
}
