export const name = 'mesh'
