/** How much an explanation holds, whatever a peer sent; what is left out is counted in it. */
export const explanationLimits = {
  /** Links of the tree of paths; a chain of a mesh has three. */
  links: 64,
  /** Trust anchors, those that matter first; public bundles have 150. */
  trustAnchors: 16,
  /** Certificates of the chain; longer ones are refused, unless limits say otherwise. */
  certificates: 32,
  /** Values of one list of evidence, such as names or constraints. */
  values: 8,
  /** Reasons beside the first. */
  moreReasons: 4,
} as const
