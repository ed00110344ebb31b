<?php

namespace App\Http\Resources;

use Illuminate\Http\Resources\Json\JsonResource;

class OrganizationResource extends JsonResource
{
    public function toArray($request): array
    {
        return [
            'id' => $this->id,
            'name' => $this->name,
            'slug' => $this->slug,
            'status' => $this->status,
            'primary_domain' => $this->domains()->value('host'),
            'billing_email' => $this->billing_email,
            'email_verified' => $this->email_verified_at !== null,
        ];
    }
}
