<?php

namespace App\Http\Controllers;

use App\Http\Requests\LookupContactRequest;
use App\Http\Resources\ContactResource;
use App\Models\Contact;

class ContactController extends Controller
{
    public function lookup(LookupContactRequest $request)
    {
        return new ContactResource(Contact::firstOrNew(['phone' => $request->phone]));
    }
}
