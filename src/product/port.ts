/** The port to the vendor's product. */
export interface Product {
  readonly form: 'reference' | 'mapped' | 'http'
}
