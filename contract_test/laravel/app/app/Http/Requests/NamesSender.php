<?php

namespace App\Http\Requests;

use App\Models\Organization;
use App\Models\SenderNumber;
use Illuminate\Validation\Rule;

trait NamesSender
{
    protected function senderRules(): array
    {
        $ofOrganization = fn (string $column) => Rule::exists('sender_numbers', $column)
            ->where('organization_id', app(Organization::class)->id);

        return [
            'sender_phone' => [
                'required_without:sender_number_id', 'prohibits:sender_number_id', 'string', $ofOrganization('phone'),
            ],
            'sender_number_id' => [
                'required_without:sender_phone', 'prohibits:sender_phone', 'integer', $ofOrganization('id'),
            ],
        ];
    }

    public function sender(): SenderNumber
    {
        return app(Organization::class)->senderNumbers()
            ->where($this->filled('sender_phone') ? ['phone' => $this->sender_phone] : ['id' => $this->sender_number_id])
            ->firstOrFail();
    }
}
