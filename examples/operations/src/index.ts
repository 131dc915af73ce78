export const name = 'operations'
