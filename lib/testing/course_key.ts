/** The object names of the course's programs, as a template. For tests. */

/** Two faces of one second have the same key. */
export const COURSE_KEY = "HW3/{MM}-{DD}-{YYYY}-{HH}-{mm}-{ss}_image.png";
