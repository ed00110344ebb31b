<?php

namespace App\Models;

use Illuminate\Database\Eloquent\Model;
use Illuminate\Database\Eloquent\Relations\BelongsTo;

class Message extends Model
{
    protected $guarded = [];

    protected $casts = ['sent_at' => 'datetime'];

    public function organization(): BelongsTo
    {
        return $this->belongsTo(Organization::class);
    }

    public function senderNumber(): BelongsTo
    {
        return $this->belongsTo(SenderNumber::class);
    }

    public function apiKey(): BelongsTo
    {
        return $this->belongsTo(ApiKey::class);
    }

    public function recipient(): BelongsTo
    {
        return $this->belongsTo(Contact::class, 'recipient_user_id');
    }
}
