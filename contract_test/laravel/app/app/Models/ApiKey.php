<?php

namespace App\Models;

use Illuminate\Database\Eloquent\Model;
use Illuminate\Database\Eloquent\Relations\BelongsTo;
use Illuminate\Support\Str;

class ApiKey extends Model
{
    public const SCOPES = ['*', 'contacts.lookup', 'messages.send', 'messages.read', 'usage.read'];

    protected $guarded = [];

    protected $casts = ['scopes' => 'array', 'expires_at' => 'datetime', 'last_used_at' => 'datetime'];

    public function user(): BelongsTo
    {
        return $this->belongsTo(User::class);
    }

    // A key of another organization is not found.
    public function resolveRouteBinding($value, $field = null)
    {
        return $this->where('organization_id', app(Organization::class)->id)->where('id', $value)->first();
    }

    public function isUsable(): bool
    {
        return $this->status === 'active' && ($this->expires_at === null || $this->expires_at->isFuture());
    }

    public function can(string $scope): bool
    {
        return in_array('*', $this->scopes, true) || in_array($scope, $this->scopes, true);
    }

    public static function generate(): string
    {
        return 'tgo_'.Str::random(40);
    }

    public static function prefix(string $plain): string
    {
        return substr($plain, 0, 12);
    }

    public static function hash(string $plain): string
    {
        return hash('sha256', $plain);
    }
}
