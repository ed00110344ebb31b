<?php

namespace App\Http\Controllers;

use App\Http\Requests\SendMessageRequest;
use App\Http\Resources\MessageLogResource;
use App\Models\ApiKey;
use App\Models\Contact;
use App\Models\Message;
use App\Models\Organization;
use Illuminate\Validation\ValidationException;

class MessageController extends Controller
{
    public function index(Organization $organization)
    {
        return MessageLogResource::collection($organization->messages()->latest('id')->paginate());
    }

    public function store(SendMessageRequest $request, Organization $organization, ApiKey $key)
    {
        $sender = $request->sender();
        abort_unless($sender->status === 'active', 422, 'Sender number is not active.');
        abort_unless(
            $sender->verification_status === 'active',
            422,
            'The sender number owner must be verified in Sinjapp before using the messaging API.'
        );

        $recipient = Contact::firstWhere('phone', $request->to_phone);
        if ($recipient === null || ! $recipient->canReceive()) {
            throw ValidationException::withMessages(['to_phone' => 'The recipient cannot receive messages.']);
        }

        $message = new Message($request->safe()->only(['to_phone', 'content', 'duration', 'file_name', 'file_size', 'file_type']));
        $message->message_type = $request->type;
        $message->organization()->associate($organization);
        $message->senderNumber()->associate($sender);
        $message->apiKey()->associate($key);
        $message->recipient()->associate($recipient);
        if ($file = $request->file('media')) {
            $message->media_sha256 = hash_file('sha256', $file->path());
            $message->media_size = $file->getSize();
            $message->media_name = $file->getClientOriginalName();
            $message->media_type = $file->getClientMimeType();
            $message->media_path = $file->store('media');
        }
        $message->status = 'sent';
        $message->sent_at = now();
        $message->save();

        return new MessageLogResource($message);
    }
}
