export const name = 'basics'
