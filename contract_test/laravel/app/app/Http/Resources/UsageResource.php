<?php

namespace App\Http\Resources;

use Illuminate\Http\Resources\Json\JsonResource;

class UsageResource extends JsonResource
{
    public function toArray($request): array
    {
        return [
            'sender_number_id' => $this->id,
            'sender_phone' => $this->phone,
            'messages_sent' => $this->messages_count,
        ];
    }
}
