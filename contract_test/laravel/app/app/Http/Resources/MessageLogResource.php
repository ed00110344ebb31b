<?php

namespace App\Http\Resources;

use Illuminate\Http\Resources\Json\JsonResource;

class MessageLogResource extends JsonResource
{
    public function toArray($request): array
    {
        return [
            'id' => $this->id,
            'sender_number_id' => $this->sender_number_id,
            'recipient_user_id' => $this->recipient_user_id,
            'conversation_id' => $this->conversation_id,
            'message_id' => $this->message_id,
            'message_type' => $this->message_type,
            'content' => $this->content,
            'status' => $this->status,
            'sent_at' => $this->sent_at,
        ];
    }
}
