<?php

namespace App\Models;

use Illuminate\Database\Eloquent\Model;

class Contact extends Model
{
    protected $guarded = [];

    protected $casts = ['verified_at' => 'datetime', 'is_reachable' => 'boolean'];

    public function canReceive(): bool
    {
        return $this->reasonCode() === 'ok';
    }

    public function reasonCode(): string
    {
        return match (true) {
            ! $this->exists => 'not_found',
            $this->verified_at === null => 'unverified',
            ! $this->is_reachable => 'unreachable',
            default => 'ok',
        };
    }
}
