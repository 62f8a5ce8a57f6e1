"""What happens to a referral, one module a happening.

receiving    a force refers somebody: matched, screened, accepted, held or declined
knowing      who was sent is put on record: somebody new, or what is new about somebody known
recognising  a drug worker says whether somebody is known
previewing   a sheet of referrals is looked at before anything is sent
uploading    the sheet is started, once, or thrown away, and comes to an end
sending_rows  its rows become referrals: one by one, or all together or none
serving      an accepted referral gets its case, or joins the one that is open
checking     may this person be offered the scheme?
correcting   a force mends what it sent
contacting   the drug worker rings, and records how it went
ringing      the ladder says when next, or when to stop
rostering    when those who ring work, are away, or are back sooner
standing_in  somebody is away: their calls are spread, and somebody rings in their place
who_rings    who of those that are free rings somebody
booking      an assessment is put in the diary, moved, called off
keeping      how an agreed call went, said when it is known: also at another time, also without a booking
assessing    the assessment is recorded and the pathway decided
allocating   a place in a session is given, moved, given back; or the waiting list
calling_up   a place within two hours of its session is told to who could come at short notice
short_notice  somebody could come at short notice, and takes such a place: the first to say yes
queueing     somebody is put ahead on a waiting list, and why
offering     a free place is offered to who waits longest
placing      who may sit in which session, and what follows from a place
overbooking  more places are given than there are seats, by how many come
scheduling   sessions are put on and called off
parting      two people who are never in one session
unseating    a place or an offer is taken back that somebody may not have any more
shifting     a session is held at another time, and everybody in it is told
altering     a session is changed: places, closing time, where to join, who runs it
running      which courses are run: a kind is added, changed, stopped
registering  marks on a register, by more than one facilitator at once
inviting     Zoom is asked for a meeting for each session and a link for each place
invited      what came of that
joining      Join is pressed; Zoom tells who came into the meeting, and who left it
tapping      one press on it: came, came late, left, came back
faulting     a session failed through our fault: marked for everybody at once
collecting   once it is over Zoom is asked who was there
reporting_in  Zoom's report comes in, and a named person says who was who
meeting_needs  what keeps somebody from taking part, and how it is met: then it is no miss
writing      a letter is printed and posted, to whom texts do not reach
attending    the register: who came, and what follows from it
reoffering   who missed a session, or could not keep it, is in line for the next
restating    it was said wrongly how a call went: what had followed is put right
correctable  whether what was said of a call can be corrected, and what to do first where not
revising     an ending rested on what was recorded wrongly: completed after all, or open again
amending     an attendance was marked wrongly: what had followed is put right
closing      completed, not engaged, not reached, withdrawn; or reopened
reviewing    a bar is looked at again, and kept or lifted
carrying_out  a force puts its own records right too
weighing     what an ending means for next time, and the sentence a force may log
holding      what a case held for its person is given back
reminding    texts that are planned and cancelled around all of it
sending      a due text is worded from what is true now, and goes out once
settling     nobody knows whether a text went out: it is looked for
failing      a text was refused or did not arrive
answering    what machines and phones sent back
opening      what a person does behind the link in a text
forgetting   what is of no use any more is removed
erasing      a person is erased, and counts stay
staffing     people join, leave, are signed out
commissioning  a force joins: keys
agreeing     a scheme's terms are set, changed from a day on, withdrawn before it
counting     what counts as done on each pathway, and what uses a chance
deadlines    what is due on a case, and by when
steps        the only writer of a referral's status, and what follows from every move
"""
