"""The words of every move, several for each, in spoken English: short sentences, the first clause the shortest.

What else belongs to a sentence is put in by ``wording.py``.
"""

from typing import Final

PHRASES: Final[dict[str, tuple[str, ...]]] = {
    # Opening and being there.
    "greet": (
        "Hi! I'm {agent}, the AI assistant at {company}.",
        "Hello! This is {agent}, the AI assistant at {company}.",
        "Hi there! {agent} here, the AI assistant at {company}.",
    ),
    "greet_plain": (
        "Hi! I'm {agent}, an AI assistant on the sales team.",
        "Hello! This is {agent}, an AI assistant on the sales team.",
        "Hi there! {agent} here, an AI assistant on the sales team.",
    ),
    "hello": ("Hello!", "Hi, good to hear from you.", "Hey there."),
    "hello_again": ("Hello again!", "Hi, good to have you back.", "Welcome back!"),
    "here": ("Yes, I'm here.", "Hello! I can hear you.", "I'm still here.", "Hi, I'm with you."),
    "still_there": (
        "Are you still there?",
        "Hello? I can't hear you.",
        "I'm still here, whenever you're ready.",
        "Sorry, I didn't hear anything. Can you hear me?",
    ),
    "hold": (
        "Sure, take your time.",
        "Of course, I'll wait.",
        "No rush, I'll be here.",
        "Okay, whenever you're ready.",
        "No problem, take your time.",
    ),
    "voicemail": (
        "Hello, this is {agent}, the AI assistant at {company}. I'm sorry I missed you. Goodbye.",
        "Hi, {agent} here, the AI assistant at {company}. I'm sorry I didn't reach you. Goodbye.",
    ),
    "voicemail_plain": (
        "Hello, this is {agent}, an AI sales assistant. I'm sorry I missed you. Goodbye.",
        "Hi, {agent} here, an AI sales assistant. I'm sorry I didn't reach you. Goodbye.",
    ),
    "again": ("Sure, once more.", "Of course, again.", "Sorry about that, once more.", "Let me say that again."),
    "identity": (
        "This is {agent}, the AI assistant at {company}.",
        "I'm {agent}, and I work for {company}. I'm an AI.",
    ),
    "reason": ("I'm calling about {reason}.", "It's about {reason}."),
    "our_number_called": ("The one you called is the right one.", "The number you called reaches us."),
    "our_number_calling": (
        "This number, the one I'm calling from.",
        "On this number, the one I'm calling from.",
    ),
    "identity_plain": (
        "This is {agent}, an AI sales assistant.",
        "I'm {agent}. I'm an AI, and I help the sales team.",
    ),
    "admit_ai": (
        "I'm an AI assistant, not a person.",
        "Yes, you're talking to an AI. My name is {agent}.",
        "I'm {agent}, an AI. I can bring in a colleague if you'd rather.",
        "Fair question. I'm a computer program, an AI assistant.",
    ),
    "how_are_you": (
        "I'm doing well, thanks for asking.",
        "All good here, thank you.",
        "Very well, thanks.",
        "Good, thank you for asking.",
    ),
    "welcome": ("You're welcome.", "Happy to help.", "My pleasure.", "Of course, any time."),
    "chat": ("That's nice of you.", "Good to hear.", "Ha, fair enough.", "I like that."),
    # Answers to what the caller said.
    "okay": ("Okay.", "Great.", "Sounds good.", "Perfect.", "Very good.", "All right."),
    "declined": ("No problem.", "That's fine.", "Understood.", "All right, no worries."),
    "not_known": ("No problem.", "That's fine, we can leave it open.", "No worries.", "All right, we'll skip that."),
    "ack_need": (
        "That makes sense.",
        "I see, thanks for telling me.",
        "Understood, that's a common one.",
        "Got it, thank you.",
    ),
    "ack_phone": ("I have {phone}.", "{phone}, got it."),
    "ack_team_size": ("{team_size} people, got it.", "Okay, {team_size} people.", "{team_size}, thanks."),
    "ack_team_size_one": ("Just one person, got it.", "Okay, only you for now."),
    "ack_corrected_size": (
        "Sorry, {team_size}. Got it.",
        "My mistake, {team_size} people.",
        "Thanks, I've changed it to {team_size}.",
    ),
    "ack_correction": (
        "Thanks, I've corrected that.",
        "Sorry, got it now.",
        "Okay, I've changed that.",
        "Right, I've fixed it.",
    ),
    "ack_budget": ("Okay, {budget}.", "{budget}, thanks.", "Got it, {budget}."),
    "ack_budget_none": (
        "No budget yet, that's fine.",
        "That's fine, it's often early for that.",
        "Okay, no budget so far.",
    ),
    "ack_authority_self": ("Great, so it's up to you.", "Good, that makes it simple.", "Okay, you decide."),
    "ack_authority_shared": (
        "Good, so you decide together.",
        "Okay, more than one of you.",
        "Got it, it's a joint choice.",
    ),
    "ack_authority_other": (
        "Okay, thanks for being open about that.",
        "Good to know.",
        "Understood, somebody else signs.",
    ),
    "ack_timing": ("Okay, good to know.", "Got it, thanks.", "That helps, thank you."),
    "ack_name": ("Thanks, {name}.", "Nice to meet you, {name}.", "Good, {name}."),
    "ack_company": ("{company}, thanks.", "Okay, {company}.", "Got it, {company}."),
    "ack_referral": ("Thank you, that helps.", "Thanks, I'll pass that on.", "Great, thank you."),
    "ack_slot": ("Great, {slot}.", "Good, {slot} it is.", "Okay, {slot}.", "Perfect, {slot}."),
    "ack_several": ("Got it: {facts}.", "Thanks: {facts}.", "Okay: {facts}."),
    "answer": ("{text}",),
    "answer_again": ("As I said, {text}", "Once more: {text}", "Again: {text}", "In short: {text}"),
    "looking_up": ("Let me look that up.", "One second, I'm checking.", "Good question, let me check."),
    "unknown": (
        "Good question. I don't want to guess at that, but a specialist can tell you.",
        "I'm not sure, and I'd rather not guess. A specialist would know.",
        "That I don't know. I'll note it for a specialist.",
        "I don't have that in front of me. A specialist can answer it.",
    ),
    "price_withheld": (
        "A specialist goes through prices with you, so that the figure fits.",
        "Prices are for a specialist to say, and depend on what you need.",
        "I leave figures to a specialist, who can tell you exactly.",
    ),
    "noted": ("Got it.", "Noted, thanks.", "Okay, I've noted that.", "Good to know."),
    "back": ("Welcome back.", "Good, let's go on.", "Great, thanks.", "No problem at all."),
    "gladly": ("Gladly.", "Sure, let's find a time.", "Of course, happy to.", "Great, let's do that."),
    "no_more_questions": (
        "Fair enough, no more questions from me. Ask me anything you like.",
        "Of course, I'll stop asking. Just ask me what you'd like to know.",
    ),
    "no_buyer": (
        "No problem, I'm happy to tell you what I know.",
        "That's fine, just ask me what you need for it.",
    ),
    "why_asked": (
        "Only so that I can point you to the right thing.",
        "It helps the specialist prepare, and nothing more.",
        "Just so that we don't waste your time later.",
    ),
    "recorded": (
        "Yes, this call is recorded. If you'd rather not be, just say so and I'll stop it.",
        "It is, yes. Tell me if you don't want that, and it stops.",
    ),
    "not_recorded": (
        "No, the sound of this call isn't recorded. What we say is kept as text.",
        "No. There is no recording of the sound, only the words are kept.",
    ),
    "off_topic": (
        "I'm afraid that's outside what I can help with.",
        "That one's beyond me, sorry.",
        "Sorry, I only know about our product.",
        "I can't help with that one, I'm afraid.",
    ),
    "unclear": (
        "Sorry, I didn't quite get that.",
        "I'm not sure I followed you.",
        "Sorry, I missed the point there.",
        "Hm, I didn't quite understand.",
    ),
    "heard_out": ("I see.", "Right, I see.", "Okay, I hear you.", "Got you."),
    "not_them": (
        "No, this is {agent}, the AI assistant at {company}.",
        "I'm afraid not. You've reached {agent}, the AI assistant at {company}.",
    ),
    "not_them_plain": (
        "No, this is {agent}, an AI sales assistant.",
        "I'm afraid not. I'm {agent}, an AI sales assistant.",
    ),
    "no_jobs": (
        "I only know about our product, so I can't say. Our website is the place for jobs.",
        "That I can't help with, sorry. Open jobs are on our website.",
    ),
    "calm": (
        "I'm sorry, I don't want to annoy you. Just say stop calling, and I'll take you off our list.",
        "I understand you're upset, and I'm sorry.",
    ),
    "english_only": (
        "I'm sorry, I only speak English for now.",
        "Sorry, English is the only language I speak at the moment.",
        "My apologies, I can only talk in English.",
    ),
    # The caller's rights.
    "opting_out": (
        "I'm sorry for the trouble. I'm taking you off our list.",
        "My apologies. I'm removing your number.",
        "Sorry about that. I'm taking you off right away.",
    ),
    "opted_out": (
        "I'm sorry for the trouble. You're off our list, and we won't call you again. Goodbye.",
        "My apologies. Your number is off our list for good. Goodbye.",
        "Sorry about that. We won't contact you again. Goodbye.",
    ),
    "opted_out_done": (
        "That's done. You're off our list, and we won't call you again. Goodbye.",
        "Done, your number is removed. We won't contact you again. Goodbye.",
    ),
    "opted_out_failed": (
        "I couldn't change the list myself just now, so a colleague will make sure you're not called again. Goodbye.",
        "The list didn't take it just now. A colleague will remove you by hand. Goodbye.",
    ),
    "opted_out_already": (
        "You're off our list, so we won't call again. Goodbye.",
        "Your number stays off our list. Goodbye.",
        "We won't contact you again. Goodbye.",
    ),
    "with_colleague": (
        "A colleague is on the way and will take it from here.",
        "My colleague will be right with you.",
        "It won't be long, a colleague is coming.",
    ),
    "leave_message": (
        "Yes, please. Tell them that {agent}, the AI assistant at {company}, called. {about}",
        "Thank you. Please let them know that {agent}, the AI assistant at {company}, called. {about}",
    ),
    "leave_message_plain": (
        "Yes, please. Tell them that {agent}, an AI sales assistant, called. {about}",
        "Thank you. Please let them know that {agent}, an AI sales assistant, called. {about}",
    ),
    "front_desk": ("Thanks for telling me.", "I see, thank you.", "All right, thank you."),
    "opted_out_wishes": (
        "You're off our list, so I can't set that up. If you'd like it after all, ask me for a colleague.",
        "I've taken you off our list, and I won't undo that. A colleague can, if you ask for one.",
    ),
    "not_known_here": ("I don't know that, I'm afraid.", "Sorry, that I don't know."),
    "sorry_trouble": ("I'm sorry about that.", "I'm sorry, that shouldn't be so.", "My apologies for the trouble."),
    "how_we_meet": (
        "The invitation says how you join. If you'd rather be called, tell me your number.",
        "It's in the invitation. And if a phone call suits you better, just give me your number.",
    ),
    "forward_invitation": (
        "Gladly, the more the better. Just forward the invitation to them.",
        "Of course. You can pass the invitation on to whoever should be there.",
    ),
    "listening": ("All right.", "I see.", "Okay."),
    "no_rush": (
        "No rush at all, have a look around.",
        "That's fine, take your time.",
        "Sure, ask me whatever you'd like to know.",
    ),
    "sorry_called": ("I'm sorry about that.", "I'm sorry, that shouldn't happen.", "My apologies for that."),
    "erasing": (
        "Of course. I'm noting that.",
        "Sure, one moment. I'm writing that down.",
        "All right. I'm passing that on.",
    ),
    "erasing_noted": (
        "Your request is noted. A colleague makes sure that it's yours, and then deletes what we have about you.",
        "That's noted. Somebody here will check that it's you, and then your data is deleted.",
    ),
    "erasing_failed": (
        "I couldn't write that down just now, I'm sorry. Please send us a short message, and it will be done.",
        "I'm sorry, I can't note that at the moment. Please write to us, and somebody will delete it.",
    ),
    "handing_off": (
        "Of course. I'm getting a colleague for you.",
        "Sure, one moment. I'm bringing in a colleague.",
        "No problem. Let me get somebody for you.",
    ),
    "handed_off": (
        "Of course. A colleague will get in touch with you.",
        "Sure. I'll have a colleague take over from here.",
        "No problem. A colleague will take this on.",
    ),
    "handed_off_done": (
        "I'm passing you to a colleague now. They know what we talked about.",
        "A colleague will be with you in a moment.",
    ),
    "handed_off_failed": (
        "Nobody is free right now, I'm sorry. A colleague will get back to you.",
        "I couldn't reach anybody just now. I'll have a colleague get back to you.",
    ),
    # Objections.
    "objection_not_interested": ("I understand, and I'll be brief.", "That's fair."),
    "objection_too_expensive": (
        "I hear you, it has to pay for itself. For most teams a few saved hours a week cover it.",
        "Fair point. We can start small and see whether it pays off.",
    ),
    "objection_has_vendor": (
        "Good, so you know what you want from it. Many people compare before they renew.",
        "That's fine, I wouldn't change what works. It may still be useful to compare.",
    ),
    "objection_no_time": (
        "No problem, I won't keep you. We can talk when it suits you better.",
        "Understood, let's do this another time.",
    ),
    "no_texts": (
        "I can't send text messages, but I can e-mail it to you.",
        "I can't text, I'm sorry, but I can send you an e-mail.",
    ),
    "objection_send_email": ("Gladly.", "Sure, I can do that.", "Of course."),
    "objection_think_about_it": (
        "Of course, take the time you need. A short call with everybody who decides often helps.",
        "That makes sense. We can answer everyone's questions in one short call.",
    ),
    "objection_suspicious": (
        "Fair question. I'm an AI assistant for our product, and I'll never ask for passwords or payment.",
        "I understand the doubt. You can look us up first, and I can take you off our list.",
    ),
    "objection_number_source": (
        "I don't have the source of your number in front of me. I can have it looked up, or take you off our list.",
        "I can't see where your number came from. If you'd like, I'll remove it.",
    ),
    "objection_wrong_person": ("Sorry about that.", "My apologies, thanks for telling me."),
    "objection_dislikes_ai": (
        "I understand, it's not for everyone. Callers can always ask for a person.",
        "Fair enough. A colleague of mine can talk to you instead, if you like.",
    ),
    "objection_no_fit": (
        "I understand. Better to know that now than later.",
        "Fair enough, then it isn't for you as it is today.",
    ),
    "objection_unconvinced": (
        "Fair enough. It's better shown than described, and a specialist can do that in a short call.",
        "That's fair. See it for yourself in a short call, and judge then.",
    ),
    "objection_general": ("I understand.", "That's a fair point.", "I hear you."),
    # Booking.
    "other_times": ("That time isn't free, I'm afraid.", "Sorry, that one's taken.", "I don't have that time."),
    "time_passed": ("That day has passed, I'm afraid.", "That one's over already."),
    "meeting_is": ("It's on {slot}.", "We meet on {slot}."),
    "meeting_unknown": (
        "I can't see a meeting of yours from here. Your invitation has the time.",
        "I don't have it in front of me, sorry. The invitation by e-mail says when.",
    ),
    "on_file": (
        "From our talk I have this: {facts}. A colleague can tell you what else we keep.",
        "You told me this: {facts}. Anything else on file a colleague can look up.",
    ),
    "on_file_nothing": (
        "I've noted nothing about you so far. A colleague can tell you what else we keep.",
        "Nothing from this talk yet. Anything else on file a colleague can look up.",
    ),
    "recap": ("So far I have: {facts}.", "This is what I have: {facts}.", "Up to now: {facts}."),
    "recap_nothing": ("Not much yet, we've only just begun.", "Nothing is fixed yet."),
    "came_by": ("Good, I'm glad you got in touch.", "Thanks for following that up.", "Nice, thanks for coming by."),
    "our_clock": ("All times are {clock}.", "That's {clock}, like all times I say."),
    "missed_call": (
        "That may well have been us. This is {agent}, the AI assistant at {company}.",
        "Then we probably tried to reach you. I'm {agent}, the AI assistant at {company}.",
    ),
    "go_ahead": ("Sure, go ahead.", "Of course. I'm listening.", "Please do."),
    "reschedule": ("Of course, let's find another time.", "No problem, we can move it.", "Sure, let's change it."),
    "booking": ("Great, I'm booking that now.", "Perfect, one moment while I book it.", "Good, I'm putting it in."),
    "booked": (
        "You're all set for {slot}. The invitation goes to {email}.",
        "It's booked for {slot}, and the invitation goes to {email}.",
        "Done. You're booked for {slot}, with the invitation to {email}.",
    ),
    "booked_for_address": (
        "You're all set for {slot}. I've put {email} down for it.",
        "It's booked for {slot}, under {email}.",
        "Done. You're booked for {slot}, with {email} as your address.",
    ),
    "booked_no_email": (
        "You're all set for {slot}. We'll call you then; tell me the number if it's another than this one.",
        "It's booked for {slot}. We'll call you. If another number than this one is better, just tell me.",
    ),
    "booked_unreachable": (
        "It's down for {slot}. Only nobody can reach you there yet, so leave me an address or a number here before then.",
        "I've booked {slot}. With no address and no number nobody could reach you, so please give me one here by then.",
    ),
    "booked_on_phone": (
        "You're all set for {slot}. We'll call you on {phone}.",
        "It's booked for {slot}. We'll call {phone}.",
    ),
    "booked_before": ("You are down for {slot} already.", "I see a meeting of yours on {slot}."),
    "address_has_meeting": (
        "There is a meeting under that address already. To change that one, just answer its invitation.",
        "That address has a meeting already. Answering its invitation is the way to change it.",
    ),
    "too_many_meetings": (
        "I can put no more meetings in the calendar myself. A colleague can: just ask for a person and I'll get you one.",
        "That's as many meetings as I may book. Ask for a person if you like, and a colleague can arrange more.",
    ),
    "cancelling": ("Of course, I'm taking it off the calendar.", "No problem, I'm cancelling it."),
    "cancelled": ("Done, the meeting is cancelled.", "It's off the calendar."),
    "cancel_by_invitation": (
        "I can't cancel that one from here. Declining its invitation does it.",
        "That one isn't mine to cancel, I'm afraid. Declining the invitation is enough.",
    ),
    "not_booked_yet": (
        "Nothing is booked yet, so there's nothing to cancel. I've let that time go.",
        "I hadn't booked it yet. I'm leaving it at that.",
    ),
    "email_optional": (
        "It's for the invitation alone. A phone call does as well, so just say so.",
        "No, it's only where the invitation goes. If you'd rather be called, just say so.",
    ),
    "name_is": ("I have you down as {name}.", "It's under {name}."),
    "kept": ("Then it stays as it is.", "Good, we'll leave it there."),
    "kept_at": ("It stays on {slot}, then.", "Then we keep {slot}."),
    "booking_failed": (
        "I'm sorry, I couldn't book that time.",
        "Sorry, that time has just gone.",
        "That didn't go through, I'm sorry.",
    ),
    "email_wrong": ("Sorry about that.", "My mistake.", "Sorry, let me try again."),
    "email_incomplete": (
        "I only caught part of that.",
        "I'm missing a piece of the address.",
        "Sorry, the address wasn't complete.",
    ),
    # Taking leave.
    "farewell": ("Goodbye.", "Take care, goodbye.", "Bye for now.", "Thanks again, goodbye."),
    "close": (
        "Thanks for your time{name}. Have a great day. Goodbye.",
        "Thank you{name}, it was good to talk. Goodbye.",
        "All right{name}, thanks for talking with me. Goodbye.",
    ),
    "close_email": (
        "Thanks{name}. The details go to {email}. Goodbye.",
        "Great{name}, you'll get the details at {email}. Goodbye.",
    ),
    "close_contact": (
        "Thanks{name}. A colleague will write to {email}. Goodbye.",
        "Great{name}, a colleague will write to you at {email}. Goodbye.",
    ),
    "close_referral": (
        "Thanks{name}, I'll take it from there. Have a good day. Goodbye.",
        "Thank you{name}, we'll get in touch with them. Goodbye.",
    ),
    "close_misdialled": ("No problem at all. Goodbye.", "That's all right, it happens. Goodbye."),
    "close_front_desk": (
        "Thank you for your help. Goodbye.",
        "Thank you, that's very kind. Goodbye.",
    ),
    "close_call_back": (
        "Of course{name}. I'll call you again on {slot}. Goodbye.",
        "No problem{name}. You'll hear from me on {slot}. Goodbye.",
    ),
    "close_objection": (
        "Understood{name}. I won't keep you, and thanks for being straight with me. Goodbye.",
        "That's all right{name}. Thanks for your time. Goodbye.",
    ),
    "close_stalled": (
        "I don't want to take up more of your time{name}. Thank you, and goodbye.",
        "Let's leave it here for today{name}. Thanks, and goodbye.",
        "I'll stop here{name}. Thank you for your time. Goodbye.",
    ),
    "close_silent": (
        "I can't hear anything, so I'll hang up now. Goodbye.",
        "It seems the line has gone quiet. I'll let you go. Goodbye.",
    ),
    "close_child": ("Then I won't keep you. Have a nice day. Goodbye.", "I'll let you go, then. Take care. Goodbye."),
    "close_abuse": ("I'd better leave it here. Goodbye.", "Let's stop here. Goodbye."),
    "close_foreign": (
        "I'm sorry that I can't help in your language. Goodbye.",
        "I'm sorry, I'd need English to help you. Goodbye.",
    ),
    # Questions.
    "ask_need": (
        "What are you hoping to improve?",
        "What's the main thing you'd like to fix?",
        "What brings you to us today?",
        "What's your biggest challenge right now?",
    ),
    "ask_team_size": (
        "How many people would be using it?",
        "Roughly how big is your team?",
        "About how many people are on the team, just as a ballpark?",
        "How many users should we plan for?",
    ),
    "ask_budget": (
        "Do you have a budget in mind?",
        "Is there a rough budget for this, even a range?",
        "Has any budget been set aside for it?",
        "What were you hoping to spend a month, more or less?",
    ),
    "ask_authority": (
        "Would the decision be yours?",
        "Are you the one who decides on this?",
        "Is it your call in the end?",
        "Would you make that decision yourself?",
    ),
    "ask_timing": (
        "When would you like to have this in place?",
        "How soon would you want to get started?",
        "What timeline do you have in mind?",
        "When are you hoping to start?",
    ),
    "ask_time_slot": (
        "Would {a} suit you for a short call with a specialist, or {b}?",
        "How about {a}, or {b}?",
        "I could do {a} or {b}. Which time is better?",
        "I have {a}, or {b}. Does either time work?",
    ),
    "ask_time_slot_one": ("Would {a} suit you?", "How about {a}?", "I could do {a}. Does that time work?"),
    "ask_which_meeting": (
        "Of course. On which day and at what time is it?",
        "All right. What day and time is that meeting?",
    ),
    "ask_move": ("Shall I move it to {a}?", "Would you like it moved to {a} instead?"),
    "ask_opt_out": (
        "Would you like me to take you off our list?",
        "Just to be sure: shall I take you off our list?",
    ),
    "ask_beside": ("Shall I book {a} as well?", "Would you like {a} in addition?"),
    "ask_time_open": (
        "Which day and time would suit you for a short call?",
        "When would be a good time for a short call?",
    ),
    "ask_name": (
        "Who should I put the invitation under?",
        "And your name, please?",
        "Which name may I put down?",
        "May I have your name?",
    ),
    "ask_email": (
        "What's the best e-mail address for the invitation?",
        "Which e-mail address should I use for the invitation?",
        "Where should I send the invitation?",
    ),
    "ask_email_again": (
        "Could you spell your e-mail address for me, slowly?",
        "Could you give me the e-mail address once more, piece by piece?",
        "What was the e-mail address again?",
    ),
    "ask_phone": (
        "Which number may we call you on, then?",
        "What number can the specialist call you on?",
    ),
    "ask_email_info": (
        "What's the best e-mail address to send it to?",
        "Which e-mail address should I use?",
        "Where should I send it?",
    ),
    "ask_email_instead": (
        "May I send you a short summary by e-mail instead?",
        "Shall I e-mail you the details instead?",
    ),
    "ask_email_contact": ("Which e-mail address may they use?", "What e-mail address can they write to?"),
    "ask_email_front_desk": (
        "Which e-mail address may I write to instead?",
        "What e-mail address could I use to write to them?",
    ),
    "ask_confirmation": (
        "I have {email}. Is that right?",
        "Let me read that back: {email}. Is that correct?",
        "So that's {email}. Did I get that right?",
        "Just to be sure, {email}. Is it right?",
    ),
    "ask_anything_else": (
        "Is there anything else I can help you with?",
        "Anything else you'd like to know?",
        "Any other questions for me?",
        "Is there anything else?",
    ),
    "own_question": ("{text}", "Let me ask once more. {text}", "Coming back to my question. {text}"),
    "ask_permission": ("Is it okay if I go on?", "Do you have a minute to go on?", "Shall I go on?", "May I go on?"),
    "ask_referral": ("Who would be the right person to talk to?", "Who looks after this at your company?"),
    "ask_reason": ("Do you already use something for this?", "What speaks against it, if I may ask?"),
}
